"""What a page keeps in its address, so that a reload, a bookmark and a link lead back to it.

Streamlit's own ``bind="query-params"`` would bind a widget's value, which Streamlit forgets on a
page without that widget; ours outlive the page, see `ui.widgets.pickers`.
"""

from collections.abc import Collection

import streamlit as st

_ASKED, _UNKNOWN = "asked_of_address", "unknown_of_address"
"""Keys of the session's state, by the names in the address."""


def newly_asked(name: str, known: Collection[str]) -> str | None:
    """What the address asks for, where it is something else than when it was last looked at.

    What is not known is kept for `unknown`.

    Args:
        name: before the ``=``.
        known: what may stand behind it.
    """
    asked: dict[str, str | None] = st.session_state.setdefault(_ASKED, {})
    before, now = asked.get(name), st.query_params.get(name)
    asked[name] = now
    if now is None or now == before:
        return None
    if now not in known:
        st.session_state.setdefault(_UNKNOWN, {})[name] = now
        return None
    forget_unknown(name)
    return now


def unknown(name: str) -> str:
    """What the address asked for and is not here, until something else is chosen; "" otherwise."""
    return str(st.session_state.get(_UNKNOWN, {}).get(name, ""))


def forget_unknown(name: str) -> None:
    """Something else was chosen."""
    st.session_state.get(_UNKNOWN, {}).pop(name, None)


def keep(name: str, value: str, default: str) -> None:
    """Write a choice into the address; a default needs no words there."""
    if value == default:
        if name in st.query_params:
            del st.query_params[name]
        value_kept = None
    else:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
        value_kept = value
    st.session_state.setdefault(_ASKED, {})[name] = value_kept
