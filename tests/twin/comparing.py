"""One month of the fast code, process by process, each held against its twin from the same state."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from sim.core.requests import Requests
from sim.month import MONTH
from sim.scenario.schema import ScenarioDocument
from sim.world import World
from twin import branches, matching
from twin.world import Twin, read

CLOSENESS = 1e-12  # of real numbers; whole numbers and money are equal

Differences = list[str]
Compare = Callable[[World], Differences]


def advance(world: World, honest: ScenarioDocument | None = None) -> Differences:
    """Simulate a month as `sim.month.advance` does; what the twins would have done otherwise, in words.

    `honest` is the scenario for the twins, where the fast code was given another one to see that this is noticed.
    """
    world.begin_month()
    found: Differences = []
    for process in MONTH.processes:
        twin_of = TWINS.get(process.name)
        if twin_of is None:
            process.run(world)
            continue
        twin = read(world, honest)
        before = world.tally.count.copy()
        compare = twin_of(twin)
        process.run(world)
        wrong = [*compare(world), *_counts(world, before, twin.tally)]
        found.extend(f"{process.name}, month {world.month}: {what}" for what in wrong)
    world.month += 1
    return found


def market(twin: Twin) -> Compare:
    here = matching.Market(twin)
    everywhere = [(z, f, x) for z in range(len(twin.zones)) for f in range(len(twin.fields)) for x in (0, 7, 20, 31)]
    reach = {(z, f, x): here.reach(twin.zones[z], f, x) for z, f, x in everywhere}
    attraction = {(z, f, x): here.attraction(twin.zones[z], f, x) for z, f, x in everywhere}
    pull = {(a.number, b.number): here.pull(a, b) for a in twin.zones for b in twin.zones}

    def compare(world: World) -> Differences:
        fast = world.tables["market"]
        weight = dict(zip(fast.uid.tolist(), fast.weight.tolist(), strict=True))
        return [
            *_same("weight", here.weight, weight),
            *_same("reach", reach, {(z, f, x): float(fast.reach[z, x, f]) for z, f, x in reach}),
            *_same("attraction", attraction, {(z, f, x): float(fast.attraction[f, x, z]) for z, f, x in attraction}),
            *_same("pull", pull, {at: float(fast.pull[at]) for at in pull}),
        ]

    return compare


def services(twin: Twin) -> Compare:
    expected = matching.service_contracts(twin)

    def compare(world: World) -> Differences:
        rows = _batch(world.requests, "service")
        found = {
            int(row["uid"]): matching.Contract(
                int(world.origins.uid[row["seller"]]), int(world.manufacturers.uid[row["buyer"]]),
                int(row["payer"]), int(row["amount"]),
            )
            for row in rows
        }  # fmt: skip
        return _same("contract", expected, found)

    return compare


def _deals(kind: str, rule: Callable[[Twin], dict[int, matching.Deal]]) -> Callable[[Twin], Compare]:
    def of(twin: Twin) -> Compare:
        expected = rule(twin)

        def compare(world: World) -> Differences:
            found = {
                int(row["uid"]): matching.Deal(
                    int(world.achievements.uid[row["achievement"]]), int(world.manufacturers.uid[row["buyer"]]),
                    int(row["payer"]), int(row["mode"]), int(row["price"]), int(row["upfront"]), int(row["fee"]),
                    int(row["amount"]),
                )
                for row in _batch(world.requests, kind)
            }  # fmt: skip
            return _same("deal", expected, found)

        return compare

    return of


def closing(twin: Twin) -> Compare:
    alive = {branch.uid for branch in twin.branches}
    closed = {branch.uid for branch in branches.closures(twin)}

    def compare(world: World) -> Differences:
        fast = world.branches
        deposits = {account: int(world.ledger.balance[account]) for account in twin.balance}
        survivors = set(fast.uid[fast.alive].tolist())
        return [*_same("survivors", alive - closed, survivors), *_same("deposits", twin.balance, deposits)]

    return compare


def founding(twin: Twin) -> Compare:
    known = {branch.uid for branch in twin.branches}
    expected = {branch.uid: _facts(branch) for branch in branches.foundings(twin)}

    def compare(world: World) -> Differences:
        fast, origins, parks = world.branches, world.origins, world.parks
        found = {}
        for i in fast.rows:
            if int(fast.uid[i]) in known:
                continue
            park = int(parks.uid[fast.park[i]]) if fast.park[i] >= 0 else None
            found[int(fast.uid[i])] = {
                "parent": int(origins.uid[fast.parent[i]]), "origin": int(fast.origin[i]), "zone": int(fast.zone[i]),
                "cell": int(fast.cell[i]), "field": int(fast.field[i]), "type": int(fast.type[i]),
                "subsidiary": bool(fast.subsidiary[i]), "motive": int(fast.motive[i]),
                "instead": int(fast.instead[i]), "park": park, "born": int(fast.born[i]),
                "frailty": float(fast.frailty[i]), "subscribed": int(fast.subscribed[i]),
                "paid": int(fast.paid[i]), "deposits": int(world.ledger.balance[fast.account[i]]),
                "account's place": int(world.ledger.home[fast.account[i]]) % world.ledger.places,
            }  # fmt: skip
        return _same("branch", expected, found)

    return compare


def _facts(branch: branches.Branch) -> dict[str, Any]:
    return {
        "parent": branch.parent.uid, "origin": branch.parent.zone.number, "zone": branch.zone.number,
        "cell": branch.cell, "field": branch.field, "type": branch.type, "subsidiary": branch.subsidiary,
        "motive": branch.motive, "instead": branch.instead, "park": branch.park.uid if branch.park else None,
        "born": branch.born, "frailty": branch.frailty, "subscribed": branch.subscribed, "paid": 0, "deposits": 0,
        "account's place": branch.zone.number,
    }  # fmt: skip


# Each process that is said again, by its name in the month. To add one: a rule in a module of this folder, and here
# what of the world it is compared with.
TWINS: Mapping[str, Callable[[Twin], Compare]] = {
    "branch_exit": closing,
    "market": market,
    "direct_offers": _deals("offer", matching.direct_offers),
    "service_proposals": services,
    "introductions": _deals("introduction", matching.introductions),
    "branch_founding": founding,
}


def _batch(requests: Requests, kind: str) -> Iterable[dict[str, Any]]:
    columns = requests.granted(kind)
    return ({name: column[k] for name, column in columns.items()} for k in range(len(columns.get("uid", ()))))


def _counts(world: World, before: np.ndarray, expected: Counter[tuple[str, int]]) -> Differences:
    names = list(world.tally.names)
    change = world.tally.count - before
    found = {(names[k], int(z)): int(change[k, z]) for k, z in np.argwhere(change)}
    return _same("counter", {at: number for at, number in expected.items() if number}, found)


def _same(what: str, expected: Any, found: Any) -> Differences:
    """Every difference in words; sets and mappings element by element."""
    if isinstance(expected, Mapping):
        both = expected.keys() & found.keys()
        return [
            *(f"{what} {key} is missing: {expected[key]}" for key in sorted(expected.keys() - both, key=str)),
            *(f"{what} {key} should not be: {found[key]}" for key in sorted(found.keys() - both, key=str)),
            *(line for key in sorted(both, key=str) for line in _same(f"{what} {key}", expected[key], found[key])),
        ]
    if isinstance(expected, float):
        close = math.isclose(expected, found, rel_tol=CLOSENESS, abs_tol=CLOSENESS)
        return [] if close else [f"{what}: {expected!r} became {found!r}"]
    return [] if expected == found else [f"{what}: {expected} became {found}"]
