"""Interest subsidy: governments return to borrowers a share of the benchmark interest on their bank loans."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("finance.loan.approval", "finance.loan.spread")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"governments return {value:.0%} of the benchmark interest to borrowers") for month, value in path]
