"""Every private part of a library on which this room relies is there; what is gone is said."""

import importlib
import pkgutil

import pytest

import ui.webrtc
from ui.webrtc.private_parts import PrivatePart

MODULES = sorted(module.name for module in pkgutil.iter_modules(ui.webrtc.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_the_libraries_still_have_what_is_relied_on(name: str) -> None:
    try:
        module = importlib.import_module(f"ui.webrtc.{name}")
    except ImportError as error:
        pytest.fail(f"ui.webrtc.{name} imports what its library no longer has: {error}")
    parts: tuple[PrivatePart, ...] = getattr(module, "RELIES_ON", ())
    assert [complaint for part in parts if (complaint := part.complaint())] == []


def test_what_is_gone_is_named_with_what_it_brought() -> None:
    relay = "aiortc.contrib.media:RelayStreamTrack"
    assert PrivatePart(relay, ("recv", "_queue"), "aiortc 1.16.0", "this").complaint() == ""
    said = PrivatePart(
        relay, ("_queue", "_kept"), "aiortc 1.0", "slow videos do not lag"
    ).complaint()
    assert "no longer has _kept of aiortc.contrib.media:RelayStreamTrack" in said
    assert "aiortc 1.0 had" in said
    assert "slow videos do not lag" in said
    for owner in ("aiortc.contrib.media:Gone", "aiortc.gone:Gone"):
        assert owner in PrivatePart(owner, ("x",), "aiortc 1.0", "").complaint()
