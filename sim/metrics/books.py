"""The books of a run: what each sector paid each other one in a year, and what it holds at the end of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.world import CLAIMS, TAGS, World

ENTRIES = ("deposits", *(f"claim_{name}" for name in CLAIMS), *(f"pay_{tag.name}" for tag in TAGS))
"What a row of the books can be about: deposits, a kind of claim, a kind of flow."


@dataclass(frozen=True)
class Booked:
    """Sparse rows by the last month of the year.

    Of flows, `origin` is the payer and `target` the payee; of claims, the holder and the issuer; of deposits, both are
    the holder. `what` is a place in ENTRIES, sectors are places in the ledger's list.
    """

    month: NDArray[np.int16]
    what: NDArray[np.int16]
    origin: NDArray[np.int16]
    target: NDArray[np.int16]
    yuan: NDArray[np.int64]


class Books:
    """Adds up flows month by month, and writes them down with the balances at the end of a year."""

    def __init__(self, world: World) -> None:
        self._flows = np.zeros_like(world.ledger.by_sector)
        self._rows: list[tuple[int, NDArray[np.int64]]] = []

    def record(self, world: World, month: int) -> None:
        """Take in the month that has just been simulated."""
        ledger = world.ledger
        self._flows += ledger.by_sector
        if world.clock.label(month).endswith("-12") or month == world.clock.months - 1:
            deposits = np.diag(ledger.by_sector_balance())[None]
            self._rows.append((month, np.concatenate([deposits, ledger.claims, self._flows])))
            self._flows[:] = 0

    def rows(self) -> Booked:
        """All books so far."""
        parts: list[list[NDArray[np.int64]]] = [[], [], [], [], []]
        for month, table in self._rows:
            at = np.nonzero(table)
            for part, values in zip(parts, (np.full(at[0].size, month), *at, table[at]), strict=True):
                part.append(values)
        columns = [np.concatenate([np.empty(0, np.int64), *part]) for part in parts]
        months, what, origin, target = (column.astype(np.int16) for column in columns[:4])
        return Booked(months, what, origin, target, columns[4])
