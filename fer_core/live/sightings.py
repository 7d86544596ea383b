"""Faces that a detector saw once and never again: left out of live video."""

from collections import deque
from dataclasses import replace

from fer_core.pipeline.stream import StreamFrame

FRAMES = 5
"""A face must have been found in some of so many frames, this one among them: 0.2 s at most."""


class Sightings:
    """Remembers in which of the last frames each face was found. For one thread.

    A cascade takes a texture for a face in single frames, here and there: each such find is a
    track of its own, or one with long gaps. A face is found in nearly every frame.
    """

    def __init__(self) -> None:
        """Begin with no frame."""
        self._found: deque[frozenset[int]] = deque(maxlen=FRAMES)

    def confirmed(self, frame: StreamFrame, needed: int) -> StreamFrame:
        """A frame without the faces that were found too seldom.

        Args:
            frame: the next one.
            needed: of the last `FRAMES` frames, in how many a face must have been found; 1 lets
                every face through.

        Returns:
            The very frame where all its faces pass.
        """
        track_ids = frame.raw.track_ids
        self._found.append(frozenset(track_ids))
        rows = [
            row
            for row, track_id in enumerate(track_ids)
            if sum(track_id in found for found in self._found) >= needed
        ]
        if len(rows) == len(track_ids):
            return frame
        return replace(frame, raw=frame.raw.rows(rows), smoothed=frame.smoothed.rows(rows))
