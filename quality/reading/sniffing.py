"""Finding the delimiter of a text file by the evidence of its first lines."""

import csv

from quality.headers import recognise

CANDIDATES = (",", ";", "\t", "|")


def sniff_delimiter(lines: list[str]) -> str:
    """The delimiter under which the lines agree best with their header.

    Evidence, strongest first: most lines as wide as the header, names in the header that are known
    fields, the wider table. A file in which no candidate splits the header has one column.
    """
    best, best_score = ",", (False, 0, 0.0, 0)
    for delimiter in CANDIDATES:
        header = split(lines[0], delimiter) if lines else []
        if len(header) < 2:
            continue
        body = [len(split(line, delimiter)) for line in lines[1:]]
        agree = sum(width == len(header) for width in body) / len(body) if body else 1.0
        known = sum(recognise(name) is not None for name in header[:200])
        score = (agree >= 0.5, known, agree, len(header))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def split(line: str, delimiter: str) -> list[str]:
    """One line on its own, the way the csv module reads it leniently."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)
