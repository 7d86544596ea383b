"""File names and sentences from outside, shown as they are."""

import re

_MARKDOWN = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")


def literal(text: str) -> str:
    """Text that Markdown and Streamlit's own signs (``:red[...]``, ``$...$``) leave as it is.

    A picture may be called ``[free money](http://...)``, and error sentences repeat its name.
    """
    return _MARKDOWN.sub(r"\\\1", text)
