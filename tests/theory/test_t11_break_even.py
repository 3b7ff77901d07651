"""T11: a lender breaks even at i = (c + h LGD) / (1 - h).

The month's defaults come before its bills: a debt that defaults pays no interest in that month, and recovers 1 - LGD.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import Z, z_score
from lending import given, months, needs_of, quiet
from numpy.typing import NDArray

from sim.agents.financiers import BANK, of_kind
from sim.core.clock import MONTHS_PER_YEAR, monthly_chance
from sim.finance import chain, clearing, debts, defaults, servicing

YEARLY, LGD, COST = 0.3, 0.55, 0.003
HAZARD = monthly_chance(YEARLY)
EVEN = (COST + HAZARD * LGD) / (1 - HAZARD)
SUM, LOANS, LENGTH, REPLICATES = 1_000_000, 2000, 10, 60
BILLED = (servicing.BILLS, clearing.PROCESS, servicing.SERVICE)


def profits(rate: float, interest_first: bool = False) -> NDArray[np.float64]:
    """What a bank earns beyond the cost of what it has lent, in each replicate (yuan)."""
    found = np.zeros(REPLICATES)
    for replicate in range(REPLICATES):
        world, account = quiet({"finance.loan.default_rate": YEARLY, "finance.loan.loss": LGD}, replicate, LOANS)
        bank = int(of_kind(world.financiers, BANK)[0])
        loans = given(chain.code_of("loan"), needs_of(account, SUM), bank)
        debts.lend(world, loans, "loan", "loan", rate=MONTHS_PER_YEAR * rate, months=240)
        world.month += 2
        for _ in range(LENGTH):
            cost = COST * world.credits.outstanding[world.credits.alive].sum()
            before = debts.equity(world)[bank]
            order = (*BILLED, defaults.DEFAULTS) if interest_first else (defaults.DEFAULTS, *BILLED)
            months(world, 1, *order)
            found[replicate] += debts.equity(world)[bank] - before - cost
    return found


def breaks_even(rate: float, interest_first: bool = False) -> bool:
    sample = profits(rate, interest_first)
    return abs(z_score(sample, np.zeros_like(sample))) < Z


def test_t11_a_lender_breaks_even() -> None:
    assert breaks_even(EVEN)


@pytest.mark.parametrize(
    "rate",
    [COST + HAZARD * LGD - 0.001, (COST + HAZARD) / (1 - HAZARD), (COST + YEARLY / 12 * LGD) / (1 - YEARLY / 12)],
    ids=["a tenth of a per cent less", "recovery forgotten", "a share taken for a rate"],
)
def test_t11_rejects(rate: float) -> None:
    assert not breaks_even(rate)


def test_t11_rejects_interest_in_the_month_of_default() -> None:
    assert not breaks_even(EVEN, interest_first=True)
