"""Which addresses follow from Streamlit's settings: to open, to print, to answer to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.errors import MienError
from fer_core.serving.address import (
    ServerSettings,
    health_url,
    hosts_to_allow,
    hosts_to_open,
    read_settings,
    url,
)

LAN = ("192.168.7.5", "10.0.0.3")


def shown(folder: Path, *flags: str, **variables: str) -> str:
    """What Streamlit itself prints of its settings in an empty folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    return subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show", *flags],
        cwd=folder,
        env=ours | {"HOME": str(folder), "USERPROFILE": str(folder)} | variables,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


def test_what_nobody_set_is_streamlits_own(tmp_path: Path) -> None:
    settings = read_settings(shown(tmp_path, DISPLAY=":0"))
    assert settings == ServerSettings(address=None)
    assert settings.is_everywhere
    if sys.platform == "linux":  # without a screen nobody sits there
        assert read_settings(shown(tmp_path, DISPLAY="", WAYLAND_DISPLAY="")).headless


def test_file_environment_and_flag_are_heard(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        '[server]\naddress = "0.0.0.0"\nport = 9000\nsslCertFile = "c.pem"\nsslKeyFile = "k.pem"\n'
        'allowedHosts = ["localhost", "*.example.org"]\n'
        '[browser]\nserverAddress = "mien.example.org"\nserverPort = 443\n'
    )
    found = read_settings(
        shown(
            tmp_path,
            "--server.headless=true",
            STREAMLIT_SERVER_PORT="9001",
            STREAMLIT_SERVER_BASE_URL_PATH="/lab/mien/",
        )
    )
    assert found == ServerSettings(
        address="0.0.0.0",
        port=9001,
        port_is_fixed=True,
        base_path="/lab/mien",
        https=True,
        public_host="mien.example.org",
        public_port=443,
        allowed_hosts=("localhost", "*.example.org"),
        headless=True,
    )


@pytest.mark.parametrize("text", ["", "no settings", "\n[server]\n", '\n[server]\nport = "x"\n'])
def test_another_form_is_a_sentence(text: str) -> None:
    with pytest.raises(MienError, match="another form"):
        read_settings(text)


@pytest.mark.parametrize(
    ("settings", "addresses", "health"),
    [
        (
            ServerSettings(),
            ["http://localhost:8501/Live"],
            "http://localhost:8501/_stcore/health",
        ),
        (
            ServerSettings(address=None, port=8502),
            [
                "http://localhost:8502/Live",
                "http://192.168.7.5:8502/Live",
                "http://10.0.0.3:8502/Live",
            ],
            "http://127.0.0.1:8502/_stcore/health",
        ),
        (
            ServerSettings(address="0.0.0.0", https=True, base_path="/a/b"),
            [
                "https://localhost:8501/a/b/Live",
                "https://192.168.7.5:8501/a/b/Live",
                "https://10.0.0.3:8501/a/b/Live",
            ],
            "https://127.0.0.1:8501/a/b/_stcore/health",
        ),
        (
            ServerSettings(address="::1", port=9000),
            ["http://[::1]:9000/Live"],
            "http://[::1]:9000/_stcore/health",
        ),
        (
            ServerSettings(address="192.168.7.5"),
            ["http://192.168.7.5:8501/Live"],
            "http://192.168.7.5:8501/_stcore/health",
        ),
        (
            ServerSettings(public_host="mien.example.org", public_port=80, base_path="/x"),
            ["http://mien.example.org:80/x/Live"],
            "http://localhost:8501/x/_stcore/health",
        ),
    ],
)
def test_addresses_that_work(settings: ServerSettings, addresses: list[str], health: str) -> None:
    found = [url(settings, host, "Live") for host in hosts_to_open(settings, LAN)]
    assert found == addresses
    assert health_url(settings) == health


LOCAL = ("localhost", "127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        (ServerSettings(allowed_hosts=LOCAL), LOCAL),
        (ServerSettings(), ()),
        (ServerSettings(address=None, allowed_hosts=LOCAL), (*LOCAL, "desk.local", *LAN)),
        (
            ServerSettings(allowed_hosts=("localhost",), public_host="mien.example.org"),
            ("localhost", "mien.example.org", "127.0.0.1", "::1"),
        ),
        (
            ServerSettings(address="10.0.0.3", allowed_hosts=("localhost",)),
            ("localhost", "10.0.0.3", "127.0.0.1", "::1"),
        ),
    ],
)
def test_it_answers_to_the_names_it_was_told(
    settings: ServerSettings, allowed: tuple[str, ...]
) -> None:
    assert hosts_to_allow(settings, ("desk.local", *LAN)) == allowed
