"""T9: a loan is an annuity.

A = P i / (1 - (1+i)^-n); after k payments P (1+i)^k - A ((1+i)^k - 1) / i is owed, after n nothing; interest is
A n - P. Money is whole yuan, so that each bill is off by half a yuan at most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lending import given, months, needs_of, quiet

from sim.agents.financiers import BANK, of_kind
from sim.core.clock import MONTHS_PER_YEAR
from sim.finance import chain, clearing, debts, defaults, servicing

PRINCIPAL = 2_440_001
YEARLY, TERM = 0.0578, 36
SERVED = (servicing.BILLS, clearing.PROCESS, servicing.SERVICE)


def follows_the_annuity(rate: float = YEARLY, term: int = TERM) -> bool:
    """Whether balance, end and interest of one loan are those of the formulas, to the yuan that rounding allows."""
    world, account = quiet({})
    bank = int(of_kind(world.financiers, BANK)[0])
    loan = given(chain.code_of("loan"), needs_of(account, PRINCIPAL), bank)
    debts.lend(world, loan, "loan", "loan", rate=rate, months=term)
    world.month += 1
    i = rate / MONTHS_PER_YEAR
    instalment = PRINCIPAL * i / (1 - (1 + i) ** -term) if i else PRINCIPAL / term
    interest = 0
    for k in range(1, term + 1):
        months(world, 1, *SERVED)
        interest += int(world.ledger.by_sector[world.ledger.tags["interest"]].sum())
        grown = (1 + i) ** k
        due = PRINCIPAL * grown - instalment * ((grown - 1) / i if i else k)
        owed = int(world.credits.outstanding[world.credits.alive].sum())
        if abs(owed - due) > (1 + k) * grown:
            return False
    return len(world.credits) == 0 and abs(interest - (instalment * term - PRINCIPAL)) <= term


@pytest.mark.parametrize(("rate", "term"), [(YEARLY, TERM), (0.085, 24), (0.6, 12), (0.0, 24), (0.06, 1)])
def test_t9_a_loan_is_an_annuity(rate: float, term: int) -> None:
    assert follows_the_annuity(rate, term)


@pytest.mark.parametrize(
    ("where", "what", "wrong"),
    [
        (debts, "annuity", lambda rate, months: 1 / months),
        (debts, "annuity", lambda rate, months: rate / (1 - (1 + rate) ** (1 - months))),
        (debts, "monthly_flow", lambda rate: (1 + rate) ** (1 / 12) - 1),
    ],
    ids=["equal principal in place of equal instalments", "one month too few", "an effective rate for a nominal one"],
)
def test_t9_rejects(where: Any, what: str, wrong: Callable[..., float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, what, wrong)
    assert not follows_the_annuity()


def test_a_bill_that_is_missed_twice_is_a_default() -> None:
    world, account = quiet({})
    bank = int(of_kind(world.financiers, BANK)[0])
    debts.lend(
        world, given(chain.code_of("loan"), needs_of(account, PRINCIPAL), bank), "loan", "loan", rate=0.06, months=24
    )
    world.ledger.post("payout", account, world.ledger.outside, world.ledger.balance[account])
    world.month += 1
    missed = []
    for _ in range(3):
        months(world, 1, defaults.DEFAULTS, *SERVED)
        missed.append((len(world.credits), int(world.credits.missed.max(initial=0))))
    assert missed[0] == (1, 1) and missed[1] == (1, 2) and missed[2][0] == 0
