"""Under which addresses the dashboard can be opened, worked out from Streamlit's own settings."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fer_core.errors import MienError

THIS_MACHINE = "localhost"
_EVERY_INTERFACE = ("0.0.0.0", "::")
_LOOPBACK = (THIS_MACHINE, "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What Streamlit will serve by.

    Attributes:
        address: that it listens on; None: on every interface.
        port: the one to begin with.
        port_is_fixed: it was asked for, so that no other may take its place.
        base_path: below which all pages lie; "" or with a slash in front and none behind.
        https: it has a certificate.
        public_host: at which people reach it, where somebody said so; else None.
        public_port: the same.
        allowed_hosts: names that a browser may call it by; () for any.
        headless: nobody sits at this machine; opens no browser.
    """

    address: str | None = THIS_MACHINE
    port: int = 8501
    port_is_fixed: bool = False
    base_path: str = ""
    https: bool = False
    public_host: str | None = None
    public_port: int | None = None
    allowed_hosts: tuple[str, ...] = ()
    headless: bool = False

    @property
    def is_everywhere(self) -> bool:
        """Other machines reach it."""
        return self.address is None or self.address in _EVERY_INTERFACE

    @property
    def own_host(self) -> str:
        """The host under which this machine itself reaches it."""
        if self.address is None or self.address == "0.0.0.0":
            return "127.0.0.1"
        return "::1" if self.address == "::" else self.address


def read_settings(shown: str) -> ServerSettings:
    """The settings from what ``streamlit config show`` prints.

    It is TOML below a heading: what somebody set, by file, environment or flag, and as a comment
    (``# headless = true``) what Streamlit takes otherwise.

    Raises:
        MienError: another form, as of another Streamlit.
    """
    try:
        text = shown[shown.index("\n[") :]
        sections = tomllib.loads(text)
        server, browser = sections["server"], sections["browser"]
        return ServerSettings(
            address=server.get("address") or None,
            port=int(_chosen(text, server, "port")),
            port_is_fixed="port" in server,
            base_path=_base_path(server.get("baseUrlPath", "")),
            https=bool(server.get("sslCertFile")),
            public_host=browser.get("serverAddress") or None,
            public_port=browser.get("serverPort"),
            allowed_hosts=tuple(server.get("allowedHosts", ())),
            headless=bool(_chosen(text, server, "headless")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise MienError(
            "Streamlit shows its settings in another form",
            expected="TOML with [server] and [browser]",
            received=error,
            remedy="Install the Streamlit of requirements.lock, or: streamlit run app.py",
        ) from error


def _chosen(text: str, server: dict[str, Any], name: str) -> Any:
    """A setting of the section [server]; what Streamlit takes by itself where nobody set it."""
    if name in server:
        return server[name]
    section = text[text.index("\n[server]") :]
    line = section[section.index(f"\n# {name} = ") + len("\n# ") :].split("\n", 1)[0]
    return tomllib.loads(line)[name]


def _base_path(written: str) -> str:
    inner = written.strip("/")
    return f"/{inner}" if inner else ""


def url(settings: ServerSettings, host: str, page: str = "", *, port: int | None = None) -> str:
    """The address of a page, as a browser takes it.

    Args:
        host: name or IP address of the machine.
        page: as in the address, without slash; "" for the first one.
        port: None: the one that people see, which a proxy may have changed.
    """
    scheme = "https" if settings.https else "http"
    bracketed = f"[{host}]" if ":" in host else host
    port = port or settings.public_port or settings.port
    return f"{scheme}://{bracketed}:{port}{settings.base_path}/{page}"


def health_url(settings: ServerSettings) -> str:
    """Where the server says that it is up; asked from this machine, past any proxy."""
    return url(settings, settings.own_host, "_stcore/health", port=settings.port)


def hosts_to_open(settings: ServerSettings, lan: Sequence[str]) -> tuple[str, ...]:
    """Hosts under which the page opens, the one for this machine's own browser first.

    Args:
        lan: this machine's addresses on its network.
    """
    if settings.public_host:
        return (settings.public_host,)
    if settings.is_everywhere:
        return (THIS_MACHINE, *lan)
    return (settings.own_host,)


def hosts_to_allow(settings: ServerSettings, names: Sequence[str]) -> tuple[str, ...]:
    """Names that the server has to answer to; () for any, where the settings name none.

    A page of somebody else's that has its name point at this machine would otherwise read along
    (DNS rebinding).

    Args:
        names: this machine's names and addresses on its network, for a server that is open to it.
    """
    if not settings.allowed_hosts:
        return ()
    told = (settings.public_host, None if settings.is_everywhere else settings.address)
    wanted = [*settings.allowed_hosts, *(host for host in told if host), *_LOOPBACK]
    return tuple(dict.fromkeys([*wanted, *names] if settings.is_everywhere else wanted))
