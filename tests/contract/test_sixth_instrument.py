"""Another instrument is one file and one line: what stands here is the file, and the line is put into the list."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import FOLDER, two_cities

from sim.agents.financiers import LESSOR, of_kind
from sim.build import build
from sim.finance import chain
from sim.finance.debts import lend
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.needs import Money, Needs
from sim.month import advance
from sim.world import World

HALF = 0.5


def _quote(world: World, needs: Needs) -> Quote:
    """A shop that sells on credit: half of any late need, at 3 % a year, cheaper than all others."""
    shop = of_kind(world.financiers, LESSOR)[0]
    return Quote(
        limit=np.where(needs.late, needs.gap // 2, 0),
        cost=np.full(needs.uid.size, 0.03),
        provider=np.full(needs.uid.size, shop),
        load=HALF,
    )


def _provide(world: World, given: Given) -> None:
    world.ledger.post("lp_call", world.ledger.outside, world.financiers.account[given.provider], given.amount)
    lend(world, given, "lease_purchase", "lease", rate=0.03, months=2)


def _recover(world: World, rows: np.ndarray) -> Money:
    return yuan(HALF * world.credits.outstanding[rows])


SHOP = Instrument(
    name="shop", quote=_quote, provide=_provide, tiers=("full",), claim="lease", recover=_recover
)  # fmt: skip


def test_a_sixth_instrument_lends_is_served_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "INSTRUMENTS", (*chain.INSTRUMENTS, SHOP))
    code = chain.code_of("shop")
    world = build(two_cities({"tier": "full", "finance.loan.default_rate": 0.9}), FOLDER, seed=3)
    lent = served = 0
    for _ in range(8):
        advance(world, "full")
        mine = world.credits.alive & (world.credits.instrument == code)
        lent += int((mine & (world.credits.born == world.month - 1)).sum())
        served += int((mine & (world.credits.outstanding < world.credits.principal)).sum())
    assert lent > 0 and served > 0


def test_without_the_line_it_does_nothing() -> None:
    world = build(two_cities({"tier": "full"}), FOLDER, seed=3)
    for _ in range(3):
        advance(world)
    assert world.credits.instrument[world.credits.alive].max(initial=0) < len(chain.INSTRUMENTS)
