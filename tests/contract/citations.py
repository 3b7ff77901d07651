"""Which facts a text cites: `fact:D01`, `facts.csv F04`, or a range such as `fact:B30 to fact:B33`."""

from __future__ import annotations

import re

LOCK = "2016-12-31"

_ID = r"(?:facts?:|facts\.csv )([A-Z]\d{2}[a-z]?)\b"
_ONE = re.compile(_ID)
_RANGE = re.compile(_ID + r"\s*(?:to|-)\s*(?:fact:)?([A-Z]\d{2})\b")


def cited(text: str) -> set[str]:
    """Identifiers of the facts that a text names, those within a range included."""
    found = set(_ONE.findall(text))
    for first, last in _RANGE.findall(text):
        assert first[0] == last[0], f"a range over two letters: {text}"
        found |= {f"{first[0]}{number:02d}" for number in range(int(first[1:3]), int(last[1:3]) + 1)}
    return found


def late(published: str) -> bool:
    """Whether something was published after the date lock, or at a date that nobody knows."""
    return published == "" or published > LOCK
