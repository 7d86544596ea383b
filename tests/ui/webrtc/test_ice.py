"""STUN and TURN servers from the environment, and what is said where the video finds no way."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from time import time
from unittest import mock

import pytest
import streamlit as st

from ui.webrtc.ice import (
    CREDENTIALS_LAST_S,
    check_connection,
    ice_servers,
    session_ice_servers,
    turn_credentials,
)

STUN = {"urls": "stun:stun.example.org:3478"}
TURN = {"urls": ["turn:turn.example.org:3478", "turns:turn.example.org:5349"]}


def test_ice_servers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ice_servers() == ([], "")
    monkeypatch.setenv("MIEN_ICE_SERVERS", json.dumps([STUN, TURN]))
    assert ice_servers() == ([STUN, TURN], "")
    for wrong in ("{", '{"urls": "stun:x"}', '["stun:x"]', '[{"urls": 7}]', '[{"url": "stun:x"}]'):
        monkeypatch.setenv("MIEN_ICE_SERVERS", wrong)
        servers, complaint = ice_servers()
        assert servers == []
        assert "MIEN_ICE_SERVERS" in complaint


def test_credentials_are_what_a_turn_server_computes_from_the_secret() -> None:
    name, password = turn_credentials("north", "ab12", 1_000_000.9)
    assert name == f"{1_000_000 + CREDENTIALS_LAST_S}:ab12"
    digest = hmac.digest(b"north", name.encode(), hashlib.sha1)
    assert base64.b64decode(password) == digest
    assert "north" not in name + password


@pytest.fixture(autouse=True)
def _on_a_network() -> Iterator[None]:
    with mock.patch("ui.webrtc.ice.get_host_addresses", return_value=["192.0.2.7"]):
        yield


@pytest.fixture
def state() -> Iterator[dict[str, object]]:
    with mock.patch.object(st, "session_state", {}) as kept:
        yield kept


def test_credentials_are_made_once_and_renewed_only_between_streams(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, object]
) -> None:
    own = {"urls": "turn:other.example.org", "username": "me", "credential": "mine"}
    monkeypatch.setenv("MIEN_ICE_SERVERS", json.dumps([STUN, TURN, own]))
    assert session_ice_servers(running=False) == ([STUN, TURN, own], "")
    monkeypatch.setenv("MIEN_TURN_SECRET", "north")
    stun, first, kept = session_ice_servers(running=False)[0]
    assert (stun, kept) == (STUN, own)
    assert int(first["username"].split(":")[0]) == pytest.approx(time() + CREDENTIALS_LAST_S, abs=5)
    assert session_ice_servers(running=True)[0][1] == first
    later = time() + CREDENTIALS_LAST_S * 0.6
    with mock.patch("ui.webrtc.ice.time", return_value=later):
        assert session_ice_servers(running=True)[0][1] == first
        assert session_ice_servers(running=False)[0][1] != first


def test_servers_are_asked_and_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as alive:
        alive.bind(("127.0.0.1", 0))
        alive.settimeout(5)

        def answer() -> None:
            request, back = alive.recvfrom(1500)
            assert request[:8] == b"\x00\x01\x00\x00\x21\x12\xa4\x42"
            assert len(request) == 20
            alive.sendto(b"\x01\x01" + request[2:], back)

        thread = threading.Thread(target=answer)
        thread.start()
        (said, *_) = check_connection([{"urls": f"stun:127.0.0.1:{alive.getsockname()[1]}"}])
        thread.join()
    assert "answers by UDP" in said
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"turn:127.0.0.1:{taken.getsockname()[1]}?transport=tcp"
        findings = check_connection([{"urls": url}])
    assert findings == [f"`{url}`: does not answer by TCP to the machine that Mien runs on."]


def test_names_that_are_not_known_and_addresses_that_are_none() -> None:
    with mock.patch("socket.getaddrinfo", side_effect=socket.gaierror):
        assert "(DNS)" in check_connection([{"urls": "turn:turn.example.org"}])[0]
    for wrong in ("https://example.org", "stun:", "stun:host:port", "nonsense"):
        assert "not an address" in check_connection([{"urls": wrong}])[0]


def test_without_servers_the_direct_way_is_explained() -> None:
    (said,) = check_connection([])
    assert "No TURN server is set" in said
    with mock.patch("ui.webrtc.ice.get_host_addresses", return_value=[]):
        assert "no network address" in check_connection([])[0]
