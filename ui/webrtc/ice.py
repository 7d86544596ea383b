"""The video's way through the network: STUN and TURN servers, and what fails when there is none.

Nothing is patched; the addresses that aioice 0.13 offers to a browser are asked from it, by a
function that it does not document (a way to choose among them is asked for in
https://github.com/aiortc/aioice/issues/2, open).
"""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import struct
from time import time
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from aioice.ice import get_host_addresses

from fer_core.settings import get_settings
from ui.webrtc.private_parts import PrivatePart

RELIES_ON = (
    PrivatePart(
        "aioice.ice",
        ("get_host_addresses",),
        "aioice 0.13.0",
        "a machine with no network but its loopback is told why there is no video",
    ),
)

SERVERS_VARIABLE = "MIEN_ICE_SERVERS"

CREDENTIALS_LAST_S = 4 * 3600
"""A TURN server asks for them again during a stream, so they must outlast the longest one."""

_ANSWER_WITHIN_S = 1.0
_CREDENTIALS = "live_turn_credentials"
_COMPLAINT = (
    f"{SERVERS_VARIABLE} is not used: expected a JSON list such as "
    '`[{"urls": "stun:stun.example.org:3478"}]`.'
)

Server = dict[str, Any]
"""``{"urls": "turn:host:port" or a list of them, "username": ..., "credential": ...}``, as
browsers take it."""


def ice_servers() -> tuple[list[Server], str]:
    """STUN and TURN servers from ``MIEN_ICE_SERVERS``, a JSON list; none by default.

    Without a list of our own the library would ask the internet for one, at the viewer's expense.

    Returns:
        The servers, and a sentence where the setting cannot be used ("" if it can).
    """
    text = get_settings().ice_servers
    if not text.strip():
        return [], ""
    try:
        servers = json.loads(text)
    except ValueError:
        servers = None
    if not isinstance(servers, list) or not all(map(_is_server, servers)):
        return [], _COMPLAINT
    return servers, ""


def _is_server(value: object) -> bool:
    return isinstance(value, dict) and bool(addresses(value))


def addresses(server: Server) -> list[str]:
    """The ``urls`` of a server as a list; [] where they are no text."""
    urls = server.get("urls")
    listed = urls if isinstance(urls, list) else [urls]
    texts = [url for url in listed if isinstance(url, str)]
    return texts if len(texts) == len(listed) else []


def turn_credentials(secret: str, user: str, now_s: float) -> tuple[str, str]:
    """Name and password that a TURN server with ``use-auth-secret`` takes until they expire.

    Source: "A REST API For Access To TURN Services", draft-uberti-behave-turn-rest-00.
    """
    name = f"{int(now_s) + CREDENTIALS_LAST_S}:{user}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


def session_ice_servers(*, running: bool) -> tuple[list[Server], str]:
    """`ice_servers`, with this visitor's short-lived credentials where ``MIEN_TURN_SECRET`` is set.

    Made once a session and renewed when half of their time is over, but never while a stream runs:
    another configuration would be another stream.
    """
    servers, complaint = ice_servers()
    secret = get_settings().turn_secret.get_secret_value()
    if not (secret and any(_is_turn(server) for server in servers)):
        return servers, complaint
    made: tuple[float, str, str] | None = st.session_state.get(_CREDENTIALS)
    if made is None or (not running and time() - made[0] > CREDENTIALS_LAST_S / 2):
        made = (time(), *turn_credentials(secret, secrets.token_hex(4), time()))
        st.session_state[_CREDENTIALS] = made
    _, name, password = made
    return [
        {**server, "username": name, "credential": password}
        if _is_turn(server) and "credential" not in server
        else server
        for server in servers
    ], complaint


def _is_turn(server: Server) -> bool:
    return any(url.startswith(("turn:", "turns:")) for url in addresses(server))


def check_connection(servers: list[Server]) -> list[str]:
    """What can be found out from this machine about a video that finds no way.

    Args:
        servers: STUN and TURN servers in use; each is asked, for up to a second.

    Returns:
        Sentences, Markdown.
    """
    findings = []
    if not get_host_addresses(use_ipv4=True, use_ipv6=True):
        findings.append(
            "The machine that Mien runs on has no network address except its loopback, which "
            "WebRTC does not use. Connect it to any network, even without internet."
        )
    urls = [url for server in servers for url in addresses(server)]
    findings += [f"`{url}`: {_probe(url)}" for url in urls]
    if not any(_is_turn(server) for server in servers):
        findings.append(
            "No TURN server is set, so the video needs a direct way by UDP between this browser "
            "and the machine that Mien runs on. A firewall, a VPN or a container in between "
            "closes it. On that machine itself, open Mien as `http://localhost`; across networks, "
            f"whoever runs Mien sets a TURN server in `{SERVERS_VARIABLE}`."
        )
    return findings


def _probe(url: str) -> str:
    """Whether a server answers, asked from this machine."""
    scheme, _, rest = url.partition(":")
    address, _, query = rest.partition("?")
    try:
        parts = urlsplit(f"//{address}")
        port = parts.port or (5349 if scheme in ("turns", "stuns") else 3478)
    except ValueError:
        return "is not an address."
    if scheme not in ("stun", "stuns", "turn", "turns") or not parts.hostname:
        return "is not an address of a STUN or TURN server."
    by_tcp = scheme.endswith("s") or "transport=tcp" in query
    kind = socket.SOCK_STREAM if by_tcp else socket.SOCK_DGRAM
    try:
        family, _, _, _, target = socket.getaddrinfo(parts.hostname, port, type=kind)[0]
    except OSError:
        return "the name is not known to this machine (DNS)."
    way = "TCP" if by_tcp else "UDP"
    try:
        with socket.socket(family, kind) as probe:
            probe.settimeout(_ANSWER_WITHIN_S)
            probe.connect(target)
            if not by_tcp:
                # A STUN binding request (RFC 5389): type 1, no attributes, cookie, 12 random bytes.
                probe.send(struct.pack("!HHI", 1, 0, 0x2112A442) + secrets.token_bytes(12))
                probe.recv(1500)
    except OSError:
        return f"does not answer by {way} to the machine that Mien runs on."
    return f"answers by {way} to the machine that Mien runs on."
