"""What must hold of every column and account at any time, whatever the model is about.

Levels: `off`; `light`, at the end of each month (a part of the columns in turn, so that it costs next to nothing);
`full`, after each process, all columns, which also says which process broke it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Population
from sim.core.ledger import Ledger

Level = Literal["off", "light", "full"]
LEVELS: tuple[Level, ...] = ("off", "light", "full")

MOST_IDS = 5
TURNS = 4  # months in which `light` gets round all columns


@dataclass(frozen=True)
class Breach:
    """One thing that does not hold: in words, where, and whom it concerns."""

    message: str
    column: str = ""
    ids: tuple[int, ...] = ()


def unsound_columns(populations: Mapping[str, Population], turn: int | None = None) -> Iterator[Breach]:
    """Numbers that are not finite or fall below what their column allows; of one turn only, if it is given."""
    for name, population in populations.items():
        names = list(population.schema)
        for column in names if turn is None else names[turn % TURNS :: TURNS]:
            array, declared, wrong = getattr(population, column), population.schema[column], None
            if declared.finite and array.dtype.kind == "f" and not np.isfinite(array.sum()):  # all are, if their sum is
                wrong, what = ~np.isfinite(array) & population.alive, "not finite"
            elif declared.low is not None and array.min(initial=declared.low) < declared.low:
                wrong, what = (array < declared.low) & population.alive, f"below {declared.low:g}"
            if wrong is not None and wrong.any():
                yield Breach(f"{int(wrong.sum())} values are {what}", f"{name}.{column}", _named(population, wrong))


def unsound_populations(populations: Mapping[str, Population]) -> Iterator[Breach]:
    """Heads that do not add up, and identities that occur twice."""
    for name, population in populations.items():
        alive = np.count_nonzero(population.alive)
        if alive != len(population):
            came_and_went = f"{population.entered} came and {population.left} went"
            yield Breach(f"{alive} are alive, but {came_and_went}", f"{name}.alive")


def doubles(populations: Mapping[str, Population]) -> Iterator[Breach]:
    """Identities that two of the living share: 64-bit lineages clash about once in ten billion births squared."""
    for name, population in populations.items():
        living = np.sort(population.uid[population.alive])
        twice = living[1:][living[1:] == living[:-1]]
        if twice.size:
            yield Breach(f"{twice.size} identities occur twice", f"{name}.uid", tuple(map(int, twice[:MOST_IDS])))


def overdrawn_accounts(ledger: Ledger, populations: Mapping[str, Population]) -> Iterator[Breach]:
    """Deposits below zero where a sector may not owe."""
    low = np.flatnonzero(ledger.balance[: ledger.used] < 0)
    low = low[~ledger.may_owe[ledger.sector(low)]]
    if not low.size:
        return
    account, sector = int(low[0]), ledger.sectors[ledger.sector(low)[0]]
    held = f"account {account} of {sector} holds {int(ledger.balance[account])} yuan"
    for name, population in populations.items():
        if "account" in population.schema:
            wrong = population.alive & np.isin(population.account, low)
            if wrong.any():
                yield Breach(held, f"{name}.account", _named(population, wrong))
                return
    yield Breach(held, "accounts")


def _named(population: Population, wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(map(int, np.sort(population.uid[wrong])[:MOST_IDS]))
