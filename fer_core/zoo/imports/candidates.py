"""What is known of somebody else's network, and what has to be tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeVar

from fer_core.errors import ModelError
from fer_core.zoo.imports.foreign import ForeignNetwork
from fer_core.zoo.imports.preparation import (
    COLOURS,
    LARGEST_PX,
    LAYOUTS,
    SMALLEST_PX,
    Colours,
    Layout,
    Preparation,
    ValueRange,
    channels_of,
    check_range,
    one_of,
    parse_range,
    usual_ranges,
)

USUAL_SIDES_PX = (48, 64, 96, 112, 128, 224)
"""Tried where a network takes any size."""

How = Literal["file", "said", "tried", "usual"]
Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a network; None for what is to be found out.

    Attributes:
        layout, channels, range: words, see `Layout`, `Colours` and `parse_range`.
        side: of the picture, pixels.
        labels: see `classes.named_order`.
        output: name of the output with the classes.
        architecture: whose weights an HDF5 file holds.
        margin: see `InputSpec.crop_margin`.
    """

    layout: str | None = None
    channels: str | None = None
    range: str | None = None
    side: int | None = None
    labels: str | None = None
    output: str | None = None
    architecture: str | None = None
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ways to prepare faces for one network.

    Attributes:
        preparations: to be tried; one where everything is known.
        how: how each setting became known, by its name in `Preparation.settings`.
    """

    preparations: tuple[Preparation, ...]
    how: dict[str, How]


def find_candidates(network: ForeignNetwork, said: Said) -> Candidates:
    """All ways to prepare faces that file and person leave open.

    Raises:
        ModelError: a word that is not known, or the person and the file disagree.
    """
    how: dict[str, How] = {}
    layouts = _either(
        "layout",
        network.layout,
        None if said.layout is None else _layout(said.layout),
        [layout for layout in LAYOUTS if layout != "NHW"],
        how,
    )
    pictures = _colours_and_ranges(network, said, how)
    sizes = _sizes(network, said, how)
    return Candidates(
        tuple(
            Preparation(layout, colours, values, *size)
            for size, layout, (colours, values) in product(sizes, layouts, pictures)
        ),
        how,
    )


def _layout(text: str) -> Layout:
    word = one_of(text, LAYOUTS, "layout")
    return next(layout for layout in LAYOUTS if layout == word)


def _either(
    name: str,
    stated: Choice | None,
    said: Choice | None,
    usual: Sequence[Choice],
    how: dict[str, How],
) -> list[Choice]:
    """What the file states, else what a person says, else all that is usual."""
    if stated is not None and said is not None and stated != said:
        raise ModelError(
            "the file says otherwise",
            where=name,
            expected=stated,
            received=said,
            remedy=f"Leave --{name} away.",
        )
    if stated is not None:
        how[name] = "file"
        return [stated]
    how[name] = "tried" if said is None else "said"
    return list(usual) if said is None else [said]


def _sizes(network: ForeignNetwork, said: Said, how: dict[str, How]) -> list[tuple[int, int]]:
    stated = (network.height, network.width)
    if None not in stated and said.side is None:
        how["side"] = "file"
        found = [(network.height or 0, network.width or 0)]
    elif said.side is None:
        how["side"] = "tried"
        found = [(network.height or side, network.width or side) for side in USUAL_SIDES_PX]
    else:
        how["side"] = "file" if None not in stated else "said"
        found = [(said.side, said.side)]
        if any(size not in (None, said.side) for size in stated):
            raise ModelError(
                "the file says otherwise",
                where="side",
                expected=" x ".join(str(size or "any") for size in stated),
                received=said.side,
                remedy="Leave --side away.",
            )
    for size in found:
        if not all(SMALLEST_PX <= px <= 4 * LARGEST_PX for px in size):
            raise ModelError(
                "pictures of this size are not made",
                where="side",
                expected=f"{SMALLEST_PX} to {4 * LARGEST_PX} pixels",
                received=" x ".join(map(str, size)),
                remedy="Write the network for a smaller picture.",
            )
    return found


def _colours_and_ranges(
    network: ForeignNetwork, said: Said, how: dict[str, How]
) -> list[tuple[Colours, ValueRange]]:
    colours = None if said.channels is None else _colours(said.channels)
    if colours is not None and network.channels not in (None, channels_of(colours)):
        raise ModelError(
            "the file says otherwise",
            where="channels",
            expected=f"{network.channels} channel{'s' if network.channels != 1 else ''}",
            received=f"{colours}: {channels_of(colours)}",
            remedy="Leave --channels away, or name colours of as many channels.",
        )
    channels = network.channels if colours is None else channels_of(colours)
    how["channels"] = "said"
    if colours is None:
        how["channels"] = {1: "file", 3: "usual"}.get(channels or 0, "tried")  # type: ignore[assignment]
    usual = [
        picture
        for count in ((channels,) if channels else (1, 3))
        for picture in usual_ranges(count)
    ]
    how["range"] = "tried" if said.range is None else "said"
    if said.range is not None:
        values = parse_range(said.range)
        chosen: list[Colours] = (
            [colours] if colours else list(dict.fromkeys(of for of, _ in usual if of != "bgr"))
        )
        if colours is None and values.name == "caffe":
            chosen = ["bgr"]
        for one in chosen:
            check_range(values, one)
        return [(one, values) for one in chosen]
    if colours is not None:
        return list(dict.fromkeys((colours, values) for _, values in usual))
    return usual


def _colours(text: str) -> Colours:
    word = one_of({"1": "grey", "3": "rgb"}.get(text, text), COLOURS, "channels")
    return next(colours for colours in COLOURS if colours == word)
