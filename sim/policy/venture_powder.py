"""What venture funds may invest, relative to 2016."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("finance.investment.deals", "finance.investment.approval")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"venture funds may invest {value:g} times what they may in 2016") for month, value in path]
