"""Several networks on one live face: beside the video, never in its way."""

import threading
from collections.abc import Callable, Sequence
from time import monotonic, perf_counter, sleep

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.analysis.arena import ROUNDS_A_SECOND, Arena
from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import InputSpec
from fer_core.zoo import Predictions
from tests.core.watched import frame, shares


class Card:
    def __init__(self, slug: str, side_px: int) -> None:
        self.slug = slug
        self.input = InputSpec(side_px=side_px, channels=1, crop_margin=0.0)


class Scripted:
    """A network that says what it is told, one class a round; the last one for ever."""

    def __init__(
        self, slug: str, says: Sequence[Emotion], *, takes_s: float = 0.0, side_px: int = 24
    ) -> None:
        self.card = Card(slug, side_px)
        self._says = list(says)
        self._takes_s = takes_s
        self.asked = 0
        self.shapes: set[tuple[int, ...]] = set()

    def predict(self, crops: NDArray[np.uint8]) -> Predictions:
        sleep(self._takes_s)
        emotion = self._says[min(self.asked, len(self._says) - 1)]
        self.asked += 1
        self.shapes.add(crops.shape)
        return Predictions(shares(emotion)[None], 0.4)


def wait_for(what: Callable[[], bool]) -> None:
    end = monotonic() + 10
    while not what():
        assert monotonic() < end
        sleep(0.005)


def play(arena: Arena, rounds: int) -> None:
    """Frames without pause until so many rounds are over."""
    end = monotonic() + 20
    while arena.standing().rounds < rounds:
        assert monotonic() < end
        arena.take(frame(monotonic(), shares(Emotion.SAD), identities=(3,)))
        sleep(0.005)
    wait_for(lambda: not any(thread.name == "arena" for thread in threading.enumerate()))


H, S, F = Emotion.HAPPY, Emotion.SAD, Emotion.FEAR


def test_disagreements_are_counted_overall_and_in_pairs() -> None:
    a, b, c = Scripted("a", [H, H, H]), Scripted("b", [H, S, S]), Scripted("c", [H, H, F])
    arena = Arena()
    arena.choose([a, b, c])  # type: ignore[list-item]
    assert arena.standing().rounds == 0
    play(arena, 1)
    first = arena.standing()
    assert (first.agree, first.differed, first.face) == (True, 0, 3)
    play(arena, 3)
    now = arena.standing()
    assert [answer.model for answer in now.answers] == ["a", "b", "c"]
    assert [answer.prediction.emotions[0] for answer in now.answers] == [H, S, F]
    assert not now.agree
    assert (now.rounds, now.differed) == (3, 2)
    assert now.pairs == (("a", "b", 2), ("a", "c", 1), ("b", "c", 2))
    assert all(answer.milliseconds > 0 for answer in now.answers)


def test_each_network_gets_the_face_as_its_card_says() -> None:
    a, b = Scripted("a", [H]), Scripted("b", [H], side_px=48)
    arena = Arena()
    arena.choose([a, b])  # type: ignore[list-item]
    play(arena, 1)
    assert (a.shapes, b.shapes) == ({(1, 24, 24, 1)}, {(1, 48, 48, 1)})


def test_the_video_never_waits_and_rounds_have_their_rate() -> None:
    slow = [Scripted(name, [H], takes_s=0.05) for name in "ab"]
    arena = Arena()
    arena.choose(slow)  # type: ignore[arg-type]
    reading = frame(0.0, shares(H))
    began, longest = perf_counter(), 0.0
    while perf_counter() - began < 1.0:
        start = perf_counter()
        arena.take(reading)
        longest = max(longest, perf_counter() - start)
        sleep(0.01)
    assert longest < 0.05  # a round takes twice that
    assert 1 <= slow[0].asked <= ROUNDS_A_SECOND + 1


def test_off_it_starts_nothing_and_a_new_choice_begins_at_nought() -> None:
    arena = Arena()
    before = threading.active_count()
    arena.take(frame(0.0, shares(H)))
    assert threading.active_count() == before
    a, b = Scripted("a", [H]), Scripted("b", [S])
    arena.choose([a, b])  # type: ignore[list-item]
    arena.take(frame(0.0))  # nobody there
    assert a.asked == 0
    play(arena, 1)
    arena.choose([a, b])  # type: ignore[list-item]
    assert arena.standing().rounds == 1  # the same ones
    arena.end()
    assert (arena.standing().rounds, arena.models) == (0, ("a", "b"))
    arena.choose(())
    assert arena.models == ()
    assert arena.standing().answers == ()


def test_a_round_of_before_is_not_counted_after_a_new_choice() -> None:
    slow = [Scripted(name, [H], takes_s=0.1) for name in "ab"]
    arena = Arena()
    arena.choose(slow)  # type: ignore[arg-type]
    arena.take(frame(0.0, shares(H)))
    arena.choose([Scripted("c", [H]), slow[0]])  # type: ignore[list-item]
    wait_for(lambda: not any(thread.name == "arena" for thread in threading.enumerate()))
    assert slow[1].asked == 1
    assert arena.standing().rounds == 0


@pytest.mark.parametrize("n", [1, 5])
def test_one_network_or_five_are_refused(n: int) -> None:
    with pytest.raises(ContractError, match="2 to 4"):
        Arena().choose([Scripted("a", [H])] * n)  # type: ignore[list-item]
