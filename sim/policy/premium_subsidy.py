"""Premium subsidy: governments pay a share of the premium of insured loans in their first months."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("finance.insurance.approval", "finance.insurance.cover")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"governments pay {value:.0%} of the premium of insured loans") for month, value in path]
