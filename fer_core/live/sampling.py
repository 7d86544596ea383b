"""A few frames a second out of a stream, whatever its rate."""


class Sampling:
    """Says which frames to take. Not thread-safe."""

    def __init__(self, per_second: float) -> None:
        """The first frame is taken."""
        self._step_s = 1.0 / per_second
        self._due_s = -float("inf")

    def takes(self, time_s: float) -> bool:
        """Whether the frame of this moment is one; each is asked about once, in order of time."""
        step = self._step_s
        # A frame a little early is taken, or a stream of just this rate would lose every other one.
        if time_s < self._due_s - step / 4:
            return False
        # On a grid that moves on by whole steps: at 29 frames a second "0.1 s after the last one"
        # would be 7 a second.
        self._due_s = self._due_s + step if time_s - self._due_s < step else time_s + step
        return True
