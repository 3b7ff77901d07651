"""Risk pool: governments share what banks lose, while neither very little nor too much is lost."""

from __future__ import annotations

from sim.core.dates import DatedPath

RESTS_ON = ("finance.loan.default_rate", "finance.loan.loss")


def describe(path: DatedPath) -> list[tuple[str, str]]:
    return [(month, f"pools bear {value:.0%} of the losses of banks with some bad loans") for month, value in path]
