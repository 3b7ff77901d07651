"""Shared by tests of finance: borrowers with all the cash they need, and months in which only debts are served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from helpers import world_of
from numpy.typing import NDArray

from sim.core.schedule import Process
from sim.finance.instrument import Given
from sim.finance.needs import KINDS, Needs
from sim.world import World

QUIET = {
    "tier": "full",
    "scale": 0.05,
    "research.backlog_years": 0,
    "populations.branches_at_start": 0,
    "finance.loan.held_at_start": 0,
    "finance.leasing.held_at_start": 0,
    "finance.loan.default_rate": 0,
    "interest_subsidy": {2013: 0},
    "premium_subsidy": {2013: 0},
    "risk_pool": {2013: 0},
}
"A small world without any debt, in which nobody defaults and nobody is subsidised."

RICH = 10**12


def quiet(overrides: Mapping[str, Any], replicate: int = 0, debtors: int = 1) -> tuple[World, NDArray[np.int32]]:
    """A quiet world, and new accounts of manufacturers with more cash than they could ever owe."""
    world = world_of({**QUIET, **overrides}, 11, replicate)
    account = world.ledger.open("manufacturers", np.ones(debtors, np.int64))
    world.ledger.endow(account, np.full(debtors, RICH))
    return world, account


def needs_of(account: NDArray[np.int32], gap: int, kind: str = "working_capital", whole: bool = False) -> Needs:
    """Needs of one sum each, of firms of mean size that could carry anything."""
    n = account.size
    uid = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    full = np.full
    return Needs(
        kind=full(n, KINDS.index(kind), np.int8), place=np.arange(n), uid=uid, account=account, zone=full(n, 1),
        total=full(n, gap), gap=full(n, gap), whole=full(n, whole), seniority=np.zeros(n, np.int64),
        row=full(n, -1), late=full(n, kind == "working_capital"), equipment=full(n, 1.0), patents=np.zeros(n),
        room=full(n, 1e18), log_size=np.zeros(n), portfolio=np.zeros(n),
    )  # fmt: skip


def given(code: int, needs: Needs, provider: int, second: int = -1) -> Given:
    """All of these needs met by one financier."""
    return Given(code, needs, needs.gap, np.full(needs.uid.size, provider), np.full(needs.uid.size, second))


def months(world: World, number: int, *processes: Process[World]) -> None:
    """Months in which only these processes happen."""
    for _ in range(number):
        world.begin_month()
        for process in processes:
            process.run(world)
        world.month += 1
