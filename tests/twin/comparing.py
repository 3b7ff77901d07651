"""The fast code and its twin, month by month, each on its own; and the first thing in which they differ.

Everything that the months change is compared: each column of each population, by the identity of who it belongs to
(whole numbers and money exactly, reals to 1e-12), each account, claims, this month's flows by tag, sector and place,
counters, movements, and what the world itself remembers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Population
from sim.core.tally import BINS
from sim.month import advance
from sim.world import World
from twin.model import TwinModel
from twin.money import Account
from twin.zones import Zone

CLOSENESS = 1e-12

POPULATIONS: Mapping[str, Callable[[TwinModel], Iterable[Any]]] = {
    "origins": lambda twin: twin.origins,
    "manufacturers": lambda twin: twin.manufacturers,
    "achievements": lambda twin: twin.shelf.values(),
    "branches": lambda twin: twin.branches,
    "programmes": lambda twin: twin.programmes,
    "ventures": lambda twin: twin.ventures,
    "agreements": lambda twin: twin.agreements.values(),
    "licences": lambda twin: twin.licences.values(),
    "developments": lambda twin: twin.developments.values(),
    "technologies": lambda twin: twin.technologies.values(),
    "adoptions": lambda twin: twin.adoptions.values(),
    "credits": lambda twin: twin.credits.values(),
    "parks": lambda twin: twin.parks,
    "financiers": lambda twin: twin.financiers,
}
"Where the twin keeps each population; a column has the name of an attribute."


def first_difference(world: World, twin: TwinModel, months: int) -> str | None:
    """Simulate both; month, population, identity and column of the first difference, in words."""
    for _ in range(months):
        date = twin.date
        advance(world, "off")
        twin.step()
        for difference in differences(world, twin):
            return f"{date}: {difference}"
    return None


def differences(world: World, twin: TwinModel) -> Iterator[str]:
    """Everything in which the two differ now."""
    for name, population in world.populations().items():
        yield from _members(world, twin, name, population)
    yield from _books(world, twin)
    tally, zones = world.tally, range(world.zones)
    places = range(world.zones + 1)
    yield from _cells("counter", _nonzero(tally.count, tally.names, zones), twin.tally)
    measures = ("number", "yuan")
    yield from _cells("movement", _nonzero(tally.moved, tally.moves, places, places, measures), twin.moved)
    yield from _cells("histogram", _nonzero(tally.binned, tally.histograms, zones, range(BINS)), twin.binned)
    yield from _cells("dormant", _nonzero(world.dormant, zones, range(world.dormant.shape[1])), twin.dormant)
    yield from _cells("closed", _nonzero(world.closed, zones), {(zone,): n for zone, n in twin.closed.items()})
    yield from _diffusion(world, twin)
    yield from _cells("fate", {(fate,): n for fate, n in world.fates.items()}, {(f,): n for f, n in twin.fates.items()})
    for what in ("venture_urge", "environment"):
        found, expected = getattr(world, what).tolist(), [getattr(zone, what) for zone in twin.zones]
        for z in _unequal(found, expected):
            yield f"{what} of zone {z} is {found[z]}, by the twin {expected[z]}"


def _diffusion(world: World, twin: TwinModel) -> Iterator[str]:
    """How far each technology has come in each zone, and knowledge by cell and field."""
    fast, known = world.technologies, world.audiences
    for row in fast.rows:
        technology, serial = twin.technologies[int(fast.uid[row])], int(fast.serial[row])
        for what, table in (
            ("hazard", known.hazard), ("adopters_in", known.adopters), ("concerned_in", known.concerned)
        ):  # fmt: skip
            found, expected = table[serial].tolist(), [getattr(technology, what)[zone] for zone in twin.zones]
            for z in _unequal([*map(float, found)], [*map(float, expected)]):
                yield f"technology {technology.uid:#018x}: {what} zone {z} is {found[z]}, by the twin {expected[z]}"
    found = {(int(c), int(f)): float(world.knowledge[c, f]) for c, f in np.argwhere(world.knowledge)}
    expected = {at: amount for at, amount in twin.knowledge.stock.items() if amount}
    for at in sorted(found.keys() | expected.keys()):
        if not np.isclose(found.get(at, 0.0), expected.get(at, 0.0), CLOSENESS, CLOSENESS):
            yield f"knowledge in {at} is {found.get(at)}, by the twin {expected.get(at)}"


def _members(world: World, twin: TwinModel, name: str, population: Population) -> Iterator[str]:
    """A population: who belongs to it, and each column."""
    rows = population.rows
    rows = rows[np.argsort(population.uid[rows])]
    objects = sorted(POPULATIONS[name](twin), key=lambda one: one.uid)
    fast, slow = population.uid[rows].tolist(), [one.uid for one in objects]
    if fast != slow:
        yield from (f"{name} {uid:#018x} is missing" for uid in sorted((Counter(slow) - Counter(fast)).elements()))
        yield from (f"{name} {uid:#018x} should not be" for uid in sorted((Counter(fast) - Counter(slow)).elements()))
        return
    for column, array in population.columns():
        if column in ("uid", "alive", "serial"):  # the last is a number by order of arrival, and decides nothing
            continue
        found = _plain_column(world, population, column, array[rows])
        expected = [getattr(one, column) for one in objects]
        if population.schema[column].refers == "accounts":
            owner = {one.account: one.uid for one in [*twin.origins, *twin.manufacturers]}
            expected = [owner[account] for account in expected]
        elif population.schema[column].refers or column in ("zone", "origin", "account"):
            expected = [_plain(one, twin) for one in expected]
        for k in _unequal(found, expected):
            yield f"{name} {fast[k]:#018x}: {column} is {found[k]}, by the twin {expected[k]}"


def _plain_column(world: World, population: Population, column: str, values: NDArray[Any]) -> list[Any]:
    """Rows of others become their identities, accounts what is in them and where they are."""
    refers = population.schema[column].refers
    if refers == "accounts":
        owners = (world.origins, world.manufacturers)
        owner = {int(a): int(u) for p in owners for a, u in zip(p.account[p.alive], p.uid[p.alive], strict=True)}
        return [owner[account] for account in values.tolist()]
    if column == "account":
        ledger = world.ledger
        return [(int(ledger.balance[n]), *_home(world, n)) for n in values.tolist()]
    if refers:
        uids = world.populations()[refers].uid
        return [int(uids[row]) if row >= 0 else None for row in values.tolist()]
    return values.tolist()


def _home(world: World, account: int) -> tuple[str, int]:
    sector, place = divmod(int(world.ledger.home[account]), world.ledger.places)
    return world.ledger.sectors[sector], place


def _plain(value: Any, twin: TwinModel) -> Any:
    """Of an attribute of an agent, what its column holds."""
    if isinstance(value, Zone):
        return value.number
    if isinstance(value, Account):
        return twin.ledger.balance[value], value.sector, value.place
    return getattr(value, "uid", value)


def _unequal(found: list[Any], expected: list[Any]) -> list[int]:
    if found == expected:
        return []
    if all(isinstance(one, float) for one in found):
        return np.flatnonzero(~np.isclose(found, expected, CLOSENESS, CLOSENESS)).tolist()
    return [k for k, (one, other) in enumerate(zip(found, expected, strict=True)) if one != other]


def _books(world: World, twin: TwinModel) -> Iterator[str]:
    """Accounts that belong to no population, flows of the month, claims."""
    fast, ledger = world.ledger, twin.ledger
    accounts = {
        "the outside": (0, ledger.outside),
        "the centre": (world.centre_account[0], twin.centre.account),
        **{
            f"the government of {government.name}": (account, government.account)
            for account, government in zip(world.government, twin.governments, strict=True)
        },
    }
    for name, (number, account) in accounts.items():
        if fast.balance[number] != ledger.balance[account]:
            yield f"{name} has {fast.balance[number]} yuan, by the twin {ledger.balance[account]}"
    total, number_of = int(fast.balance[: fast.used].sum()), sum(account >= 0 for account in fast.home[: fast.used])
    if (total, number_of) != (sum(ledger.balance.values()), len(ledger.balance)):
        yield f"{number_of} accounts hold {total} yuan, by the twin {len(ledger.balance)}"
    by_sector, by_place, entries = Counter(), Counter(), Counter()
    for entry in ledger.journal:
        by_sector[entry.tag, entry.payer.sector, entry.payee.sector] += entry.yuan
        by_place[entry.tag, entry.payer.place, entry.payee.place] += entry.yuan
        entries[entry.tag, entry.payer.place, entry.payee.place] += 1
    places = range(world.zones + 1)
    yield from _cells("flow", _nonzero(fast.by_sector, fast.tags, fast.sectors, fast.sectors), by_sector)
    yield from _cells("flow", _nonzero(fast.by_place, fast.tags, places, places), by_place)
    yield from _cells("number of payments", _nonzero(fast.counts, fast.tags, places, places), entries)
    yield from _cells("claim", _nonzero(fast.claims, fast.instruments, fast.sectors, fast.sectors), ledger.claims)


def _nonzero(table: NDArray[np.int64], *axes: Iterable[Any]) -> dict[tuple[Any, ...], int]:
    """Cells of a table that are not empty, by the names along its axes."""
    names: Sequence[list[Any]] = [list(axis) for axis in axes]
    return {
        tuple(axis[k] for axis, k in zip(names, at, strict=True)): int(table[tuple(at)])
        for at in np.argwhere(table).tolist()
    }


def _cells(what: str, found: Mapping[tuple[Any, ...], int], expected: Mapping[tuple[Any, ...], int]) -> Iterator[str]:
    for at in sorted(found.keys() | expected.keys(), key=str):
        if found.get(at, 0) != expected.get(at, 0):
            yield f"{what} {', '.join(map(str, at))} is {found.get(at, 0)}, by the twin {expected.get(at, 0)}"
