"""Financiers: banks, venture funds, insurers, lessors and members of the alliance, each with what it may provide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.agents.attributes import lineage
from sim.core.columns import Column, Population, Rows
from sim.core.compiled import kernel
from sim.core.ledger import Ledger
from sim.core.streams import uniforms

BANK, FUND, INSURER, LESSOR, MEMBER = range(5)
KINDS = ("bank", "fund", "insurer", "lessor", "member")
SECTORS = ("banks", "funds", "insurers", "lessors", "alliance")
"Sector of the ledger of each kind."

COLUMNS = {
    "kind": Column(np.int8, "1", "0 bank, 1 venture fund, 2 insurer, 3 lessor, 4 member of the alliance"),
    "zone": Column(np.int16, "1", "zone of its seat"),
    "quota": Column(np.int64, "yuan", "what it may still provide: funds this year, the others this month", low=0),
    "bank": Column(np.int32, "1", "row of the bank that refinances a lessor, or -1", refers="financiers"),
    "borrowed": Column(np.int64, "yuan", "what a lessor owes that bank", low=0),
    "bad": Column(np.int64, "yuan", "defaulted debts that are not yet worked out", low=0),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def settle(ledger: Ledger, seat: int, counts: Mapping[int, int]) -> Population:
    """Financiers of each kind, with their seat in the zone `seat`; their numbers do not scale."""
    population = Population("financiers", COLUMNS, max(sum(counts.values()), 1))
    for kind, count in sorted(counts.items()):
        zone = np.full(count, seat)
        population.grow(
            lineage(19 + kind, zone), kind=kind, zone=zone, bank=-1, account=ledger.open(SECTORS[kind], zone)
        )
    banks, lessors = of_kind(population, BANK), of_kind(population, LESSOR)
    if banks.size:
        population.bank[lessors] = banks[np.arange(lessors.size) % banks.size]
    return population


def of_kind(financiers: Population, kind: int) -> Rows:
    """Rows of one kind, in the order of their identities."""
    rows: Rows = _of_kind(financiers.kind, financiers.uid, kind)
    return rows


@kernel
def _of_kind(kinds, uid, kind):  # type: ignore[no-untyped-def]
    rows = np.flatnonzero(kinds == kind)
    return rows[np.argsort(uid[rows])]


@kernel
def known_to(rows, key, what, uid, step):  # type: ignore[no-untyped-def]
    """Which of `rows` each client knows: they are alike and their number is fixed, so one uniform will do.

    -1 for everybody where there are none.
    """
    out = np.full(uid.size, -1)
    if rows.size:
        u = uniforms(key, what, uid, step, 0)
        for i in range(uid.size):
            out[i] = rows[int(u[i] * rows.size)]
    return out
