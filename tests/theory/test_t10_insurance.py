"""T10: a fair premium on what is outstanding, h LGD cover, leaves the insurer's reserve where it was, in the mean.

Its variance in a month is N h (1-h) (LGD cover EAD)^2; a subsidy of the premium changes who pays and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, Z, z_score
from lending import given, months, needs_of, quiet
from numpy.typing import NDArray
from scipy import stats

from sim.agents.financiers import BANK, INSURER, of_kind
from sim.core.clock import monthly_chance
from sim.finance import chain, clearing, defaults, insurance, servicing

YEARLY, LGD, COVER = 0.3, 0.55, 0.8
SUM, LOANS, LENGTH, REPLICATES = 1_000_000, 400, 10, 40
FAIR = {
    "finance.loan.default_rate": YEARLY,
    "finance.loan.loss": LGD,
    "finance.loan.months": 120,
    "finance.insurance.cover": COVER,
    "finance.insurance.load": 0,
    "finance.insurance.cap": 1,
    "finance.insurance.reinsured": 0,
}


def reserves(overrides: dict[str, Any] | None = None, replicates: int = REPLICATES) -> NDArray[np.float64]:
    """Change of the reserve and its variance by the formula, in each replicate."""
    found = np.zeros((replicates, 2))
    hazard = monthly_chance(YEARLY)
    for replicate in range(replicates):
        world, account = quiet(FAIR | (overrides or {}), replicate, LOANS)
        insurer = int(of_kind(world.financiers, INSURER)[0])
        reserve = world.financiers.account[[insurer]]
        world.ledger.endow(reserve, np.array([10**10]))
        bank = int(of_kind(world.financiers, BANK)[0])
        code = chain.code_of("insurance")
        chain.INSTRUMENTS[code].provide(world, given(code, needs_of(account, SUM), insurer, bank))
        before = int(world.ledger.balance[reserve[0]])
        world.month += 1
        months(world, 1, servicing.BILLS, clearing.PROCESS, servicing.SERVICE)  # the premium of the first month at risk
        for _ in range(LENGTH):
            exposed = world.credits.outstanding[world.credits.alive].astype(float)
            found[replicate, 1] += hazard * (1 - hazard) * ((LGD * COVER * exposed) ** 2).sum()
            months(world, 1, defaults.DEFAULTS, servicing.BILLS, clearing.PROCESS, servicing.SERVICE)
        unearned = np.rint(
            insurance.premium_rate(world) * world.credits.outstanding[world.credits.alive]
        ).sum()  # paid for the month to come
        found[replicate, 0] = int(world.ledger.balance[reserve[0]]) - before - unearned
    return found


def fair(overrides: dict[str, Any] | None = None) -> bool:
    change, variance = reserves(overrides).T
    spread = (change**2 / variance).sum()
    both = 2 * min(stats.chi2.cdf(spread, REPLICATES), stats.chi2.sf(spread, REPLICATES))
    return abs(z_score(change, np.zeros_like(change))) < Z and both > CHANCE


def test_t10_a_fair_insurer_neither_gains_nor_loses() -> None:
    assert fair()


def test_t10_a_subsidy_changes_the_payer_only() -> None:
    without, with_it = reserves(replicates=2), reserves({"premium_subsidy": {2013: 0.8}}, 2)
    assert (without == with_it).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda world: YEARLY / 12 * LGD * COVER,
        lambda world: monthly_chance(YEARLY) * COVER,
        lambda world: 1.2 * monthly_chance(YEARLY) * LGD * COVER,
    ],
    ids=["a share taken for a rate", "loss given default forgotten", "a load"],
)
def test_t10_rejects(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insurance, "premium_rate", wrong)
    assert not fair()


def test_t10_rejects_defaults_that_come_in_herds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean holds, the variance does not."""
    real = defaults.uniforms
    monkeypatch.setattr(
        defaults, "uniforms", lambda key, what, uid, *rest: real(key, what, uid // np.uint64(2**60), *rest)
    )
    assert not fair()
