"""Who may see what is kept on this machine: there is no login."""

import streamlit as st

from fer_core.settings import get_settings

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def serves_this_machine_only() -> bool:
    """Whether nobody on another machine can open this dashboard, as Streamlit's settings say."""
    hosts = set(st.get_option("server.allowedHosts") or ("*",))
    return st.get_option("server.address") in _LOOPBACK and hosts <= _LOOPBACK


def studies_are_on() -> bool:
    """Whether pages may show studies: on one's own machine, else where somebody said so.

    Whoever reaches a server sees all of its studies and can delete them; that ``MIEN_STUDIES`` is
    set says that this is wanted.
    """
    return serves_this_machine_only() or "studies" in get_settings().model_fields_set
