"""What is no regular file is refused before it is opened."""

import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from fer_core.errors import MediaError
from fer_core.media import file_size, read_image
from fer_core.media.videos import VideoReader


def test_the_size_of_a_regular_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(17))
    assert file_size(path) == 17
    link = tmp_path / "link"
    link.symlink_to(path)
    assert file_size(link) == 17


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("opened", [read_image, VideoReader])
def test_pipes_and_devices_are_refused_and_not_waited_for(
    tmp_path: Path, opened: "type[VideoReader]"
) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    address = tmp_path / "socket.mp4"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address))
    ours, theirs = os.openpty()
    refused: list[str] = []

    def ask() -> None:
        for path in (pipe, address, Path(os.ttyname(theirs)), Path("/dev/zero"), tmp_path):
            with pytest.raises(MediaError, match="expected a regular file") as caught:
                opened(path)
            refused.append(caught.value.received)

    # A thread, so that a read that waits for ever fails this test and does not hang it.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout=60)
    listener.close()
    os.close(ours)
    os.close(theirs)
    assert refused == ["a pipe", "a socket", *["a device or terminal"] * 2, "a folder"]


def test_a_name_that_no_file_can_have_gets_a_sentence() -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        file_size(Path("a\0b.jpg"))
