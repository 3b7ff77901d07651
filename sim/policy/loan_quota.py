"""What banks may lend, relative to 2016."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("finance.loan.quota", "finance.loan.approval", "finance.working_capital.asking")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"banks may lend {value:g} times what they may in 2016") for month, value in path]
