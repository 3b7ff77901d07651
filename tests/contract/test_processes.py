"""Does every process keep to what it declares? Each is run alone, watched, and held to its reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import FOLDER, SCARCE, indebt_branches, two_cities

from sim.build import build
from sim.core.schedule import Process, Schedule
from sim.metrics.recorder import Recorder, metrics_of
from sim.month import CHANNELS, MONTH, PHASES
from sim.world import World

NAMES = tuple(process.name for process in MONTH.processes)
MONTHS = 44  # long enough for parks, programmes, ventures, investments and the platform

# What a run is given and nobody may write.
GIVEN = (
    "scenario",
    "region",
    "clock",
    "key",
    "inputs",
    "ground",
    "norms",
    "park_names",
    "government",
    "centre_account",
    "absorption_edges",
    "absorption_mean",
    "knowledge_near",
    "zones",
)

# Parts of the world that are channels, by the names that processes declare.
PARTS = {"requests": "requests", "wants": "requests", "tally": "tally", "fates": "fates", "events": "events"}


def state(world: World) -> dict[str, bytes]:
    """Everything that a process could change, by the name under which it is declared."""
    return dict(_state(world))


def _state(world: World) -> Iterator[tuple[str, bytes]]:
    for name, population in world.populations().items():
        for column, array in population.columns():
            yield f"{name}.{column}", array.tobytes()
    ledger = world.ledger
    yield "accounts", b"".join(_bytes(value) for name, value in vars(ledger).items() if name != "claims")
    yield "claims", _bytes(ledger.claims)
    yield "tally", _bytes(world.tally.count) + _bytes(world.tally.moved) + _bytes(world.tally.binned)
    yield "requests", _bytes(world.requests._batches) + _bytes(world.wants._batches)
    for name, table in world.tables.items():
        yield f"tables.{name}", _bytes(table)
    known = {*world.populations(), *GIVEN, "ledger", "tally", "requests", "wants", "tables"}
    for name, value in vars(world).items():
        if name not in known:
            yield name, _bytes(value)


def _bytes(value: Any) -> bytes:
    """The content of whatever a process keeps."""
    if isinstance(value, np.ndarray):
        return repr((value.dtype.str, value.shape)).encode() + value.tobytes()
    if isinstance(value, dict):
        return b"".join(repr(key).encode() + _bytes(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return b"".join(_bytes(one) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        return _bytes(vars(value))
    return repr(value).encode()


def declared(name: str, declarations: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in declarations)


class Watched(dict):  # type: ignore[type-arg]
    """The tables of a world that note which of them are asked for."""

    def __init__(self, tables: dict[str, Any], seen: set[str]) -> None:
        super().__init__(tables)
        self.seen = seen

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(f"tables.{name}")
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.seen.add(f"tables.{name}")
        return super().__getitem__(name)


@cache
def observed() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """What each process changed and touched over the months of a world in which much is scarce."""
    world = build(two_cities(SCARCE), FOLDER, seed=4)
    world.events = []
    changed: dict[str, set[str]] = {name: set() for name in NAMES}
    touched: dict[str, set[str]] = {name: set() for name in NAMES}
    for month in range(MONTHS):
        world.begin_month()
        if month % 6 == 3:
            indebt_branches(world)  # so that some of those who leave have creditors
        if month % 12 == 0:
            world.tables.clear()  # so that what is derived from slow state is seen to be derived
        before = state(world)
        for process in MONTH.processes:
            for population in world.populations().values():
                population.audit(touched[process.name])
            tables, world.tables = world.tables, Watched(world.tables, touched[process.name])
            process.run(world)
            tables.clear()
            tables.update(world.tables)
            world.tables = tables
            for population in world.populations().values():
                population.audit(None)
            after = state(world)
            changed[process.name] |= {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
            before = after
        world.month += 1
    return changed, touched


@pytest.mark.parametrize("process", MONTH.processes, ids=NAMES)
def test_a_process_changes_only_what_it_declares(process: Any) -> None:
    changed = observed()[0][process.name]
    undeclared = sorted(name for name in changed if not declared(name, process.writes))
    assert not undeclared, f"{process.name} writes, undeclared: {', '.join(undeclared)}"


@pytest.mark.parametrize("process", MONTH.processes, ids=NAMES)
def test_a_process_touches_only_what_it_declares(process: Any) -> None:
    touched = observed()[1][process.name]
    undeclared = sorted(name for name in touched if not declared(name, process.reads + process.writes))
    assert not undeclared, f"{process.name} looks at, undeclared: {', '.join(undeclared)}"


@pytest.mark.parametrize("process", MONTH.processes, ids=NAMES)
def test_a_process_does_what_it_declares(process: Any) -> None:
    """A declaration that nothing stands behind would hide a conflict that is none."""
    changed, touched = (seen[process.name] for seen in observed())
    for pattern in process.writes:
        assert any(fnmatchcase(name, pattern) for name in changed), f"{process.name} never writes {pattern}"
    columns = [name for name in process.reads if "." in name]
    idle = [pattern for pattern in columns if not any(fnmatchcase(name, pattern) for name in touched)]
    assert not idle, f"{process.name} never reads {', '.join(idle)}"


@pytest.mark.parametrize("process", MONTH.processes, ids=NAMES)
def test_what_is_declared_exists(process: Any) -> None:
    world = build(two_cities(), FOLDER)
    columns = {f"{name}.{c}" for name, p in world.populations().items() for c in p.schema}
    known = [*columns, *(name for name in vars(world) if name not in GIVEN), *CHANNELS]
    for pattern in (*process.reads, *process.writes):
        written = any(fnmatchcase(pattern, other) for p in MONTH.processes for other in p.writes)
        assert written if pattern.startswith("tables.") else any(fnmatchcase(name, pattern) for name in known), pattern
    assert process.doc
    assert process.system
    assert process.phase in PHASES


def test_no_conflict_hides_behind_a_wildcard() -> None:
    """Within a phase nobody reads or writes what another writes, channels aside, and `x.*` means every column of x."""
    for writer in MONTH.processes:
        for other in MONTH.processes:
            if other is writer or other.phase != writer.phase:
                continue
            for mine in set(writer.writes) - set(CHANNELS):
                shared = [name for name in (*other.reads, *other.writes) if alike(mine, name)]
                assert not shared, f"{writer.phase}: {writer.name} writes {mine}, {other.name} has {shared}"


def test_a_wildcard_is_refused_as_its_columns_are() -> None:
    def process(name: str, **declared: tuple[str, ...]) -> Process[World]:
        return Process(name=name, phase="one", run=lambda world: None, **declared)

    for other in (process("b", reads=("branches.zone",)), process("b", writes=("branches.zone",))):
        for order in ([process("a", writes=("branches.*",)), other], [other, process("a", writes=("branches.*",))]):
            with pytest.raises(ValueError, match=r"branches"):
                Schedule(["one"], order)


def alike(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def test_a_process_alone_on_a_tiny_world() -> None:
    """Every process stands being the only one, in the first month and in an empty region."""
    empty = {"scale": 0.02, "populations.branches_at_start": 0, "finance.investment.funds": 0}
    for overrides in ({}, empty):
        for process in MONTH.processes:
            world = build(two_cities(overrides), FOLDER)
            if any(name in ("tables.market", "requests") for name in process.reads):
                run_before(world, process.name)
            process.run(world)


def run_before(world: World, name: str) -> None:
    """The processes up to one of them, for those that need what others propose in the month."""
    for process in MONTH.processes[: NAMES.index(name)]:
        process.run(world)


def test_order_within_a_phase_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    orders = [MONTH.processes, MONTH.processes[::-1]]
    orders += [tuple(MONTH.processes[k] for k in rng.permutation(len(MONTH.processes))) for _ in range(4)]
    digests = [digest(Schedule(PHASES, order, CHANNELS)) for order in orders]
    assert len({tuple(p.name for p in Schedule(PHASES, order, CHANNELS).processes) for order in orders}) == len(orders)
    assert len(set(digests)) == 1


def test_order_of_phases_matters() -> None:
    """The test above can fail: a month in which branches are founded before others close is another one."""
    phases = [phase for phase in PHASES if phase != "founding"]
    assert digest(Schedule(["founding", *phases], MONTH.processes, CHANNELS)) != digest(MONTH)


def digest(schedule: Schedule[World]) -> bytes:
    world = build(two_cities(SCARCE), FOLDER, seed=4)
    recorder = Recorder(world, metrics_of(world.region))
    for month in range(MONTHS):
        world.begin_month()
        schedule.run(world)
        world.month += 1
        recorder.record(world, month)
    return recorder.series.tobytes() + _bytes(vars(recorder.moves()))
