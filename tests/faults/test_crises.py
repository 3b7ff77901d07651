"""The identities hold in crises too, and what breaks one of them is found in the same month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import two_cities

from sim.build import build
from sim.core.schedule import Process
from sim.errors import InvariantError
from sim.month import advance
from sim.world import World

CRISES: dict[str, dict[str, Any]] = {
    "no credit": {"loan_quota": {2013: 1, "2013-06": 1, "2013-07": 0.05}, "venture_powder": {2013: 0}},
    "half of all debts default": {"finance.loan.default_rate": 0.5, "finance.loan.loss": 1.0},
    "both": {
        "loan_quota": {2013: 1, "2014-01": 0.05}, "finance.loan.default_rate": 0.5, "finance.leasing.loss": 1.0,
        "venture_powder": {2013: 0}, "finance.insurance.reserve": 0, "finance.loan.equity": 0.01,
    },
    "firms without cash": {"populations.cash_months": 0.1, "populations.payout": 1, "finance.loan.coverage": 10},
}  # fmt: skip
MONTHS = 30


def world_in(crisis: dict[str, Any], tier: str = "full") -> World:
    document, folder = two_cities({"tier": tier, "finance.leasing.smallest": 0.5, **crisis})
    return build(document, folder, 7)


@pytest.mark.parametrize("tier", ["chain", "full"])
@pytest.mark.parametrize("name", CRISES)
def test_the_identities_hold_in_a_crisis(name: str, tier: str) -> None:
    world = world_in(CRISES[name], tier)
    defaulted = 0
    for _ in range(MONTHS):
        advance(world)
        defaulted += int(world.tally.get("debts_defaulted").sum())
    if name != "no credit":
        assert defaulted > 0
    banks = world.ledger.sectors.index("banks")
    assert world.ledger.claims[world.ledger.instruments.index("loan"), banks].sum() >= 0


def test_after_each_process_of_a_crisis_all_that_must_hold_holds() -> None:
    world = world_in(CRISES["both"])
    for _ in range(8):
        advance(world, "full")


def test_with_credit_squeezed_less_is_lent() -> None:
    lent = []
    for crisis in ({}, CRISES["no credit"]):
        world = world_in(crisis)
        total = 0
        for _ in range(MONTHS):
            advance(world)
            total += int(world.ledger.by_sector[world.ledger.tags["loan"]].sum())
        lent.append(total)
    assert lent[1] < 0.7 * lent[0]


# What is broken, and what the audit says of it.
def outstanding(world: World) -> None:
    world.credits.outstanding[world.credits.rows[0]] += 1


def claim(world: World) -> None:
    world.ledger.claim("lease", "lessors", "enterprises", 1)


def refinancing(world: World) -> None:
    world.financiers.borrowed[np.flatnonzero(world.financiers.bank >= 0)[0]] += 5


def undeclared_flow(world: World) -> None:
    bank = world.financiers.account[world.financiers.kind == 0][:1]
    world.ledger.post("payout", bank, world.ledger.outside, np.array([1000]))


def silent_write_off(world: World) -> None:
    credits = world.credits
    row = credits.rows[credits.instrument[credits.rows] == 1][:1]
    world.ledger.claim_each(
        "loan", world.financiers.account[credits.lender[row]], credits.debtor[row], -credits.outstanding[row]
    )
    credits.retire(row)


BROKEN: dict[str, tuple[Callable[[World], None], str]] = {
    "a debt that is not what the ledger says": (outstanding, "loans of banks to"),
    "a claim without a debt": (claim, "leases of lessors to enterprises"),
    "a credit line that nobody drew": (refinancing, "loans of banks to lessors"),
    "a flow of banks that no identity knows": (undeclared_flow, "by the flows of banks they should"),
    "a loan that vanishes": (silent_write_off, "equity of banks grew by"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_the_books_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim import month

    breaks, words = BROKEN[what]
    world = world_in({})
    for _ in range(3):
        advance(world)
    real = month.month_of("full", world.scenario.systems)

    def broken(*_: Any) -> Any:
        culprit: Process[World] = Process(name="culprit", phase="spin_off", run=breaks, system="money", doc="breaks")
        return type(real)(real.phases, (*real.processes, culprit), (*real.channels,))

    monkeypatch.setattr(month, "month_of", broken)
    with pytest.raises(InvariantError, match=words):
        advance(world)
