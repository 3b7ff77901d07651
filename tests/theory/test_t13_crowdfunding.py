"""T13: with equal pledges a campaign reaches its sum with the chance P(Poisson(lambda T (members/57)^eps) >= K)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import Z
from lending import needs_of, quiet
from scipy import stats

from sim.finance import crowdfunding

PLEDGE, WANTED, CAMPAIGNS = 1000, 120, 20_000
EQUAL = {
    "finance.crowdfunding.pledge_sigma": 0,
    "finance.crowdfunding.pledge_mean": PLEDGE,
    "finance.crowdfunding.backers": 40,
    "finance.crowdfunding.months": 3,
    "alliance.start": "2013-01",
    "alliance.members": 57,
}


def success(overrides: dict[str, Any]) -> float:
    """Share of the campaigns for 120 pledges that reach them."""
    world, account = quiet({**EQUAL, **overrides}, debtors=CAMPAIGNS)
    quote = crowdfunding.INSTRUMENT.quote(world, needs_of(account, WANTED * PLEDGE, "campaign", whole=True))
    assert set(np.unique(quote.limit)) <= {0, WANTED * PLEDGE}, "all or nothing"
    return float((quote.limit > 0).mean())


def as_poisson(mean: float, overrides: dict[str, Any]) -> bool:
    chance = float(stats.poisson.sf(WANTED - 1, mean))
    return abs(success(overrides) - chance) < Z * np.sqrt(chance * (1 - chance) / CAMPAIGNS)


@pytest.mark.parametrize(
    ("mean", "overrides"),
    [
        (120, {}),
        (120 * 2**0.5, {"alliance.members": 114, "finance.crowdfunding.backers": 40}),
        (110, {"finance.crowdfunding.backers": 55, "finance.crowdfunding.months": 2}),
    ],
    ids=["as many as wanted", "twice the members", "another length"],
)
def test_t13_success_is_a_poisson_tail(mean: float, overrides: dict[str, Any]) -> None:
    assert as_poisson(mean, overrides)


def test_t13_without_members_nothing_is_raised() -> None:
    assert success({"alliance.members": 0}) == 0


def test_t13_rejects_a_sum_that_must_be_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    real = crowdfunding._raised
    monkeypatch.setattr(crowdfunding, "_raised", lambda *given: real(*given) - 1.0)
    assert not as_poisson(120, {})


def test_t13_rejects_an_elasticity_forgotten() -> None:
    assert not as_poisson(120 * 2**0.5, {"alliance.members": 114, "finance.crowdfunding.elasticity": 0})
