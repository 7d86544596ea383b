"""Several networks on one live face: beside the video, never in its way."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import InputSpec
from fer_core.live.arena import Arena
from fer_core.zoo import Predictions
from tests.streamed import Clock, shares, stream_frame


class Card:
    def __init__(self, slug: str, side_px: int) -> None:
        self.slug = slug
        self.input = InputSpec(side_px=side_px, channels=1, crop_margin=0.0)


class Scripted:
    """A network that says what it is told, one class a round; the last one for ever."""

    def __init__(self, slug: str, says: Sequence[Emotion], *, side_px: int = 24) -> None:
        self.card = Card(slug, side_px)
        self._says = list(says)
        self.asked = 0
        self.shapes: set[tuple[int, ...]] = set()

    def predict(self, crops: NDArray[np.uint8]) -> Predictions:
        emotion = self._says[min(self.asked, len(self._says) - 1)]
        self.asked += 1
        self.shapes.add(crops.shape)
        return Predictions(shares(emotion)[None], 0.4)


def end_rounds() -> None:
    """Wait for the rounds that run."""
    for thread in threading.enumerate():
        if thread.name == "arena":
            thread.join()


def play(arena: Arena, clock: Clock, rounds: int) -> None:
    """Frames a second apart, with a round on each."""
    for _ in range(rounds):
        clock.now += 1
        arena.on_frame(stream_frame(clock.now, shares(Emotion.SAD), track_ids=(3,)))
        end_rounds()


H, S, F = Emotion.HAPPY, Emotion.SAD, Emotion.FEAR


def test_disagreements_are_counted_overall_and_in_pairs() -> None:
    a, b, c = Scripted("a", [H, H, H]), Scripted("b", [H, S, S]), Scripted("c", [H, H, F])
    clock = Clock()
    arena = Arena(clock)
    arena.choose([a, b, c])  # type: ignore[list-item]
    assert arena.state().rounds == 0
    play(arena, clock, 1)
    first = arena.state()
    assert (first.agree, first.differed, first.track_id) == (True, 0, 3)
    play(arena, clock, 2)
    now = arena.state()
    assert [answer.model for answer in now.answers] == ["a", "b", "c"]
    assert [answer.prediction.emotions[0] for answer in now.answers] == [H, S, F]
    assert not now.agree
    assert (now.rounds, now.differed) == (3, 2)
    assert now.pairs == (("a", "b", 2), ("a", "c", 1), ("b", "c", 2))
    assert all(answer.milliseconds > 0 for answer in now.answers)


def test_each_network_gets_the_face_as_its_card_says() -> None:
    a, b = Scripted("a", [H]), Scripted("b", [H], side_px=48)
    clock = Clock()
    arena = Arena(clock)
    arena.choose([a, b])  # type: ignore[list-item]
    play(arena, clock, 1)
    assert (a.shapes, b.shapes) == ({(1, 24, 24, 1)}, {(1, 48, 48, 1)})


class Waiting(Scripted):
    """A network that answers when the test lets it."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug, [H])
        self.go = threading.Event()

    def predict(self, crops: NDArray[np.uint8]) -> Predictions:
        self.go.wait()
        return super().predict(crops)


def test_the_video_never_waits_for_a_network() -> None:
    a, b = Waiting("a"), Waiting("b")
    arena = Arena()
    arena.choose([a, b])  # type: ignore[list-item]
    for _ in range(30):
        arena.on_frame(stream_frame(0.0, shares(H)))  # would hang here
    assert sum(thread.name == "arena" for thread in threading.enumerate()) == 1
    a.go.set()
    b.go.set()
    end_rounds()
    assert (a.asked, b.asked, arena.state().rounds) == (1, 1, 1)


class Dear(Scripted):
    """A network that takes its time on the test's clock."""

    def __init__(self, slug: str, clock: Clock, takes_s: float) -> None:
        super().__init__(slug, [H])
        self._clock, self._takes_s = clock, takes_s

    def predict(self, crops: NDArray[np.uint8]) -> Predictions:
        self._clock.now += self._takes_s
        return super().predict(crops)


@pytest.mark.parametrize(("takes_s", "pause_s"), [(0.0, 0.2), (0.05, 0.1), (1.0, 2.0)])
def test_rounds_have_their_rate_and_pauses_as_long_as_their_work(
    takes_s: float, pause_s: float
) -> None:
    clock = Clock()
    networks = [Dear(name, clock, takes_s) for name in "ab"]
    arena = Arena(clock)
    arena.choose(networks)  # type: ignore[arg-type]

    def offer() -> int:
        arena.on_frame(stream_frame(0.0, shares(H)))
        end_rounds()
        return networks[0].asked

    assert offer() == 1
    clock.now += pause_s - 0.01
    assert offer() == 1
    clock.now += 0.02
    assert offer() == 2


def test_off_it_starts_nothing_and_a_new_choice_begins_at_nought() -> None:
    clock = Clock()
    arena = Arena(clock)
    before = threading.active_count()
    arena.on_frame(stream_frame(0.0, shares(H)))
    assert threading.active_count() == before
    a, b = Scripted("a", [H]), Scripted("b", [S])
    arena.choose([a, b])  # type: ignore[list-item]
    arena.on_frame(stream_frame(0.0))  # nobody there
    assert a.asked == 0
    play(arena, clock, 1)
    arena.choose([a, b])  # type: ignore[list-item]
    assert arena.state().rounds == 1  # the same ones
    arena.on_end()
    assert (arena.state().rounds, arena.models) == (0, ("a", "b"))
    arena.choose(())
    assert arena.models == ()
    assert arena.state().answers == ()


def test_a_round_of_before_is_not_counted_after_a_new_choice() -> None:
    a, b = Waiting("a"), Waiting("b")
    arena = Arena()
    arena.choose([a, b])  # type: ignore[list-item]
    arena.on_frame(stream_frame(0.0, shares(H)))
    arena.choose([Scripted("c", [H]), a])  # type: ignore[list-item]
    a.go.set()
    b.go.set()
    end_rounds()
    assert b.asked == 1
    assert arena.state().rounds == 0


@pytest.mark.parametrize("n", [1, 5])
def test_one_network_or_five_are_refused(n: int) -> None:
    with pytest.raises(ContractError, match="2 to 4"):
        Arena().choose([Scripted("a", [H])] * n)  # type: ignore[list-item]
