"""Numbers as readers meet them, the same in tables and in pictures."""

from __future__ import annotations

import math

SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def amount(value: float, unit: str, digits: int = 3) -> str:
    """A value with as many digits as carry information, and its unit unless that is a plain count."""
    if not math.isfinite(value):
        return "-"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "count":
        return _plain(value, digits)
    if unit == "yuan":
        for scale, word in SCALES:
            if abs(value) >= scale:
                return f"{_plain(value / scale, digits)} {word} yuan"
        return f"{_plain(value, digits)} yuan"
    return f"{value:.2f}" if abs(value) < 10 else _plain(value, digits)


def between(low: float, high: float, unit: str) -> str:
    """An interval."""
    return f"{amount(low, unit)} to {amount(high, unit)}"


def estimate(value: float, low: float, high: float, unit: str) -> str:
    """A value with its interval."""
    return f"{amount(value, unit)} ({between(low, high, unit)})"


def _plain(value: float, digits: int) -> str:
    whole = len(str(int(abs(value))))
    text = f"{value:,.{max(0, min(digits, digits + 1 - whole))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def window(start: str, end: str) -> str:
    """ "2016-01" and "2016-07" as "Jan to Jul 2016"."""
    (y0, m0), (y1, m1) = start.split("-"), end.split("-")
    first, last = MONTHS[int(m0) - 1], MONTHS[int(m1) - 1]
    if start == end:
        return f"{first} {y0}"
    if (m0, m1) == ("01", "12"):
        return y0 if y0 == y1 else f"{y0} to {y1}"
    return f"{first} to {last} {y1}" if y0 == y1 else f"{first} {y0} to {last} {y1}"
