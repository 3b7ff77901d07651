"""What banks may lend, relative to 2016."""

from __future__ import annotations

from sim.core.dates import DatedPath


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"banks may lend {value:g} times what they may in 2016") for month, value in path]
