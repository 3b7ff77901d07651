"""Creditors of who leaves are paid first; only what stays unpaid is a default."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import world_of

from sim.finance import defaults

INDEBTED = {"tier": "chain", "finance.loan.held_at_start": 0.9, "finance.loan.smallest": 0.0}


@pytest.mark.parametrize(("cash", "unpaid"), [(10**12, False), (0, True)])
def test_only_what_the_estate_does_not_pay_is_a_default(cash: int, unpaid: bool) -> None:
    world = world_of(INDEBTED)
    firms, credits, ledger = world.manufacturers, world.credits, world.ledger
    firm = np.flatnonzero(np.isin(firms.account, credits.debtor[credits.rows]))[:5]
    owed = credits.outstanding[np.isin(credits.debtor, firms.account[firm]) & credits.alive]
    firms.leaving[firm] = True
    ledger.endow(firms.account[firm], cash - ledger.balance[firms.account[firm]])
    world.begin_month()
    defaults.WINDING_UP.run(world)
    assert owed.size >= 5
    assert not np.isin(firms.account[firm], credits.debtor[credits.rows]).any()
    assert ledger.by_sector[ledger.tags["estate"]].sum() == (0 if unpaid else owed.sum())
    assert world.tally.get("debts_defaulted").sum() == (owed.size if unpaid else 0)
    assert world.financiers.bad.sum() >= (owed.sum() if unpaid else 0)
