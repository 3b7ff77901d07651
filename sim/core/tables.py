"""Plain tables for a terminal: columns aligned by what the eye sees, Chinese letters two wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def table(rows: Sequence[Sequence[str]], head: Sequence[str], widest: int = 60) -> str:
    """Rows under a head, columns as wide as needed up to `widest`; the last one is never cut."""
    shown = [[_cut(cell, widest) for cell in row[:-1]] + list(row[-1:]) for row in rows]
    lines = [list(head), *shown]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * one for one in widths]
    return "\n".join(_line(line, widths) for line in [list(head), rule, *shown])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (most - width(cell)) for cell, most in zip(cells, widths, strict=True)).rstrip()


def _cut(text: str, widest: int) -> str:
    if width(text) <= widest:
        return text
    kept = ""
    for one in text:
        if width(kept + one) >= widest:
            break
        kept += one
    return kept + "…"
