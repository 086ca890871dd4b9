"""What a spreadsheet would run is made text.

A cell that begins like a formula is one for a spreadsheet, whatever program wrote it. In CSV there
are no types, so an apostrophe is put before it, telephone numbers (+49…) included: a spreadsheet
would also take those for numbers and save them without the plus. Our own import takes the
apostrophe away again. XLSX and Parquet have types: there a text is a text and stays as it is.
"""

# As typed, as full-width twins that programs fold, and what hides a sign behind blank space.
STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\u2212", "|", "%")


def runs_in_a_spreadsheet(text: str) -> bool:
    """Whether a spreadsheet might take this text for something to compute."""
    return text.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(STARTERS)


def harmless(text: str) -> str:
    """The text for a CSV cell."""
    return f"'{text}" if runs_in_a_spreadsheet(text) else text
