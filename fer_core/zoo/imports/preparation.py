"""What has to be done to a face before somebody else's network can read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from fer_core.errors import ModelError
from fer_core.faces.crops import InputSpec

Layout = Literal["NHWC", "NCHW", "NHW"]
"""Order of a batch's axes: channels last, channels first, or one grey level without an axis."""

Colours = Literal["grey", "grey3", "rgb", "bgr"]
"""What the channels are; ``grey3`` is the same grey three times."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
COLOURS: tuple[Colours, ...] = get_args(Colours)
LARGEST_PX, SMALLEST_PX = 512, 8


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Pixel values as a network takes them: (value / divisor - mean) / std, channel by channel.

    Attributes:
        name: as `--range` takes it.
        divisor: 255 where mean and std are in shares of white.
        mean, std: one number, or one for each channel in the network's own order of channels.
        per_face: mean and std are those of each face itself; the others count for nothing.
    """

    name: str
    divisor: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    per_face: bool = False


RANGES = {
    values.name: values
    for values in (
        ValueRange("0..255"),
        ValueRange("0..1", 255.0),
        ValueRange("-1..1", 255.0, (0.5,), (0.5,)),
        # Of FER2013's Training images, as most PyTorch projects on it state them.
        ValueRange("fer2013", 255.0, (0.508,), (0.255,)),
        # torchvision's, and those of the Caffe networks that Keras's VGG and ResNet keep.
        ValueRange("imagenet", 255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ValueRange("caffe", 1.0, (103.939, 116.779, 123.68)),
        ValueRange("per-face", per_face=True),
    )
}
"""Ranges that networks often take, by name."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """One way to prepare faces.

    Attributes:
        layout, colours: see `Layout` and `Colours`.
        values: range of the pixel values.
        height, width: of the network's input, pixels.
    """

    layout: Layout
    colours: Colours
    values: ValueRange
    height: int
    width: int

    @property
    def side_px(self) -> int:
        """Side of the square that is cut from a picture; the graph makes another size of it."""
        return min(max(self.height, self.width), LARGEST_PX)

    @property
    def cut_channels(self) -> int:
        """Channels that are cut from a picture: grey is made threefold in the graph."""
        return 1 if self.colours in ("grey", "grey3") else 3

    def input_spec(self, margin: float) -> InputSpec:
        """How faces are cut; ``margin`` as `InputSpec.crop_margin`."""
        return InputSpec(self.side_px, self.cut_channels, margin, "roll")

    def settings(self) -> dict[str, str]:
        """By name, as the command line takes them."""
        side = str(self.height) if self.height == self.width else f"{self.height}x{self.width}"
        return {
            "layout": self.layout,
            "channels": self.colours,
            "range": self.values.name,
            "side": side,
        }


def parse_range(text: str) -> ValueRange:
    """A range by name, or ``MEAN/STD`` in shares of white; in levels where a mean is above 1.

    Raises:
        ModelError: neither.
    """
    plain = text.strip().lower().replace(" ", "")
    for name, values in RANGES.items():
        if plain in (name, name.replace("..", "-"), name.replace("..", "to")):
            return values
    mean, slash, std = plain.partition("/")
    try:
        means, stds = _numbers(mean), _numbers(std)
    except ValueError:
        means = stds = ()
    if not slash or not means or len(means) not in (1, 3) or len(stds) not in (1, len(means)):
        raise ModelError(
            "no range of pixel values",
            where="range",
            expected=f"{', '.join(RANGES)}, or MEAN/STD as 0.485,0.456,0.406/0.229,0.224,0.225",
            received=text,
            remedy="Leave it away: it is found out by trying.",
        )
    if min(stds) <= 0:
        raise ModelError(
            "a standard deviation has to be above zero",
            where="range",
            received=text,
            remedy="Write MEAN/STD, as 0.5/0.5.",
        )
    return ValueRange(plain, 1.0 if max(means) > 1 else 255.0, means, stds)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split(","))


def usual_ranges(channels: int) -> list[tuple[Colours, ValueRange]]:
    """What is worth trying for a network of so many channels, the most frequent first.

    FER2013 is grey, and grey says nothing of the order of colours; it is RGB unless the range
    belongs to the other.
    """
    if channels == 1:
        return [
            ("grey", RANGES[name]) for name in ("0..1", "0..255", "-1..1", "fer2013", "per-face")
        ]
    names = ("0..1", "0..255", "-1..1", "imagenet", "per-face")
    return [*(("rgb", RANGES[name]) for name in names), ("bgr", RANGES["caffe"])]


def channels_of(colours: Colours) -> int:
    """Channels that a network gets."""
    return 1 if colours == "grey" else 3


def check_range(values: ValueRange, colours: Colours) -> None:
    """Refuse a range for three channels where there is one.

    Raises:
        ModelError: it has another number of means.
    """
    if len(values.mean) not in (1, channels_of(colours)):
        raise ModelError(
            "the range is for another number of channels",
            where="range",
            expected=f"one number, or {channels_of(colours)}",
            received=f"{values.name}: {len(values.mean)}",
            remedy="Write one mean and one standard deviation: 0.5/0.5.",
        )


def one_of(text: str, choices: Sequence[str], where: str) -> str:
    """A word out of several, whatever its case.

    Raises:
        ModelError: none of them.
    """
    for choice in choices:
        if text.lower() == choice.lower():
            return choice
    raise ModelError(
        "this word is not known",
        where=where,
        expected=", ".join(choices),
        received=text,
        remedy="Leave it away where you do not know it: it is found out.",
    )
