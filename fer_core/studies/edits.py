"""What a person mends in a recording: a list beside the readings, applied when they are assembled.

Edits are applied in the order in which they were entered. None changes what was read, and each can
be taken back. They speak of faces by their track ids, as these are after the edits before.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fer_core.errors import StudyError

TrackId = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1, max_length=200)]


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Rename(_Edit):
    """A face gets a name.

    Attributes:
        track_id: of the face.
        name: what it is called in tables.
    """

    kind: Literal["rename"] = "rename"
    track_id: TrackId
    name: Words


class Merge(_Edit):
    """Two tracks are of one face.

    Attributes:
        track_id: the one that goes.
        into: the one that it becomes.
    """

    kind: Literal["merge"] = "merge"
    track_id: TrackId
    into: TrackId


class Split(_Edit):
    """A track is of two faces, one after the other.

    Attributes:
        track_id: of the one before.
        at_s: when the other one begins, seconds from the recording's start.
        becomes: track id of the other one; None: the next that is free.
    """

    kind: Literal["split"] = "split"
    track_id: TrackId
    at_s: Seconds
    becomes: TrackId | None = None


class Ignore(_Edit):
    """A face is nobody who counts: a poster, or somebody who walks by.

    Attributes:
        track_id: of the face.
    """

    kind: Literal["ignore"] = "ignore"
    track_id: TrackId


class Exclude(_Edit):
    """A stretch is left out, for everybody.

    Attributes:
        start_s, end_s: seconds from the recording's start.
        reason: for people.
    """

    kind: Literal["exclude"] = "exclude"
    start_s: Seconds
    end_s: Seconds
    reason: Annotated[str, Field(max_length=200)] = ""


class Baseline(_Edit):
    """A stretch that the others are compared with; the last one entered is the one.

    Attributes:
        start_s, end_s: seconds from the recording's start.
    """

    kind: Literal["baseline"] = "baseline"
    start_s: Seconds
    end_s: Seconds


class Event(_Edit):
    """Something happened.

    Attributes:
        at_s: when, seconds from the recording's start.
        label: what.
    """

    kind: Literal["event"] = "event"
    at_s: Seconds
    label: Words


Edit: TypeAlias = Rename | Merge | Split | Ignore | Exclude | Baseline | Event
AnyEdit = Annotated[Edit, Field(discriminator="kind")]
"""An `Edit` as a field of models."""

EDIT: TypeAdapter[Edit] = TypeAdapter(AnyEdit)
"""An `Edit` to and from JSON: by its ``kind``."""

TrackEdit = Rename | Merge | Split | Ignore
"""Edits that speak of a face."""


def edit_of(value: Mapping[str, Any], where: str) -> Edit:
    """An edit from a JSON object.

    Raises:
        StudyError: it is none.
    """
    try:
        return EDIT.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StudyError(
            "this is no edit",
            where=where,
            expected="kind: rename, merge, split, ignore, exclude, baseline or event, and its own",
            received=f"{place}: {first['msg']}".lstrip(": "),
            remedy="See docs/studies.md for each kind and what it needs.",
        ) from error


def edit_words(edit: Edit) -> str:
    """An edit as a few words for people."""
    match edit:
        case Rename():
            return f"Face {edit.track_id} is called {edit.name}"
        case Merge():
            return f"Face {edit.track_id} is face {edit.into}"
        case Split():
            return f"From {edit.at_s:g} s on, face {edit.track_id} is face {edit.becomes}"
        case Ignore():
            return f"Face {edit.track_id} does not count"
        case Exclude():
            reason = f" ({edit.reason})" if edit.reason else ""
            return f"{edit.start_s:g} to {edit.end_s:g} s are left out{reason}"
        case Baseline():
            return f"{edit.start_s:g} to {edit.end_s:g} s are the baseline"
        case Event():
            return f"{edit.label} at {edit.at_s:g} s"
