"""What tables that people take away have in common."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")


def harmless_cell(text: str) -> str:
    """Somebody else's words as a CSV cell that no spreadsheet runs.

    A file or a marker may be named ``=HYPERLINK(...)``; such words get an apostrophe in front,
    which spreadsheets hide. Everything else comes back as it is, but for lone carriage returns.
    """
    text = text.replace("\r", " ")  # a lone one ends the row in many readers, quoted or not
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
