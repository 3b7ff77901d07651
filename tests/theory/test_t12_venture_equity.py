"""T12: stakes are sold at exp(mu T + sigma sqrt(T) z) times their cost, in the mean exp(mu T + sigma^2 T / 2)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers import Z, live, z_score
from lending import quiet

from sim.agents.financiers import FUND, of_kind
from sim.finance import investment

MU, SIGMA, YEARS = 0.15, 0.5, 3
STAKE, VENTURES, REPLICATES = 1_000_000, 400, 40
ALL_AT_ONCE = {"finance.investment.return_mean": MU, "finance.investment.return_sigma": SIGMA,
               "finance.investment.exit_rate": 5.0}  # fmt: skip
EXPECTED = math.exp(MU * YEARS + 0.5 * SIGMA**2 * YEARS)


def pays_the_mean_multiple(overrides: dict[str, Any] | None = None) -> bool:
    """Whether the proceeds of a month's sales, per stake sold, are the formula's."""
    multiples = np.zeros(REPLICATES)
    for replicate in range(REPLICATES):
        world, _ = quiet({**ALL_AT_ONCE, **(overrides or {})}, replicate)
        funds = of_kind(world.financiers, FUND)
        uid = np.arange(1, VENTURES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        zone = np.zeros(VENTURES, np.int64)
        world.ventures.grow(
            uid, fund=funds[0], stake=STAKE, invested_at=0, park=-1, quality=1.0,
            account=world.ledger.open("ventures", zone),
        )  # fmt: skip
        world.ledger.claim("equity", "funds", "ventures", STAKE * VENTURES)
        world.month = 12 * YEARS
        world.begin_month()
        live(world, 1, investment.SELL_STAKES)
        sold = VENTURES - int((world.ventures.stake > 0).sum())
        proceeds = int(world.ledger.by_sector[world.ledger.tags["distribution"]].sum())
        multiples[replicate] = proceeds / (sold * STAKE)
    return abs(z_score(multiples, np.full(REPLICATES, EXPECTED))) < Z


def test_t12_the_mean_multiple() -> None:
    assert pays_the_mean_multiple()


def test_t12_rejects_the_mean_taken_for_the_median() -> None:
    assert not pays_the_mean_multiple({"finance.investment.return_mean": MU - 0.5 * SIGMA**2})


def test_t12_rejects_another_length_of_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(investment, "MONTHS_PER_YEAR", 18)
    assert not pays_the_mean_multiple()
