"""The determinism contract: what a run's content depends on, and the long list of what it does not depend on."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import FOLDER, SCARCE, two_cities

import sim
from sim.build import build
from sim.core import compiled
from sim.core.columns import Population
from sim.core.streams import purpose, purposes
from sim.experiments.runner import Task, run_all
from sim.experiments.simulate import Outcome, simulate
from sim.metrics.recorder import Recorder, metrics_of
from sim.month import advance
from sim.scenario import load
from sim.world import World

ROOT = Path(sim.__file__).parents[1]
SCENARIO = two_cities()
SCARCITY = two_cities(SCARCE)  # conflicts over cash, powder and slots: settled by priority, never by row
SEED = 5


@cache
def reference() -> Outcome:
    return simulate(SCENARIO, FOLDER, SEED)


def content(recorder: Recorder) -> str:
    """Digest of series, moves and histograms, as that of an outcome."""
    digest = hashlib.blake2b(digest_size=32)
    for array in (recorder.series, *vars(recorder.moves()).values(), *vars(recorder.histograms()).values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def disturbed(disturb: Callable[[World], None], months: tuple[int, ...] = (), unseen: tuple[str, ...] = ()) -> str:
    """Digest of a run of 48 months whose world is disturbed before these months, but for some metrics."""
    world = build(SCARCITY, FOLDER, SEED)
    recorder = Recorder(world, [metric for metric in metrics_of(world.region) if metric.name not in unseen])
    for month in range(48):
        if month in months:
            disturb(world)
        advance(world)
        recorder.record(world, month)
    return content(recorder)


@cache
def undisturbed() -> str:
    return disturbed(lambda world: None)


def test_a_run_can_be_repeated() -> None:
    assert simulate(SCENARIO, FOLDER, SEED).digest == reference().digest


def test_seed_and_replicate_are_what_a_run_depends_on() -> None:
    outcomes = [simulate(SCENARIO, FOLDER, seed, r) for seed, r in ((SEED, 0), (SEED, 1), (SEED + 1, 0), (SEED + 1, 1))]
    assert len({outcome.digest for outcome in outcomes}) == len(outcomes)


def test_run_7_alone_is_run_7_of_many() -> None:
    tasks = [Task("", SCENARIO, FOLDER, SEED, replicate) for replicate in range(9)]
    of_many = {task.replicate: outcome.digest for task, outcome in run_all(tasks, jobs=1)}
    assert simulate(SCENARIO, FOLDER, SEED, 7).digest == of_many[7]
    assert len(set(of_many.values())) == len(tasks)


def test_workers_find_the_kernels_that_are_compiled() -> None:
    """A process that inherits our surroundings looks in our folder, and does not compile everything again."""
    script = "from sim.core.compiled import _FOLDER; print(_FOLDER)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(compiled._FOLDER)


def test_a_run_calls_nothing_that_each_process_would_compile_anew() -> None:
    """What is compiled into its callers has no cache of its own: called from Python, it costs every start 0.4 s."""
    script = """
from sim.core import streams
from sim.experiments.simulate import simulate
from sim.scenario import load, region_folder
scenario = load("two_cities")
simulate(scenario.document, region_folder(scenario), until="2017-12")
print([name for name in ("philox", "u01_pair", "u01", "mix") if getattr(streams, name).signatures])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(compiled._FOLDER.parent))
    short = two_cities({"end": "2014-12"})
    tasks = [Task("", short, FOLDER, SEED, replicate) for replicate in range(4)]
    alone, together = ([(t.replicate, o.digest) for t, o in run_all(tasks, jobs)] for jobs in (1, 2))
    assert alone == together


def test_a_run_that_stops_early_is_the_beginning_of_the_whole() -> None:
    whole, part = reference(), simulate(SCENARIO, FOLDER, SEED, until="2016-06")
    months = 42
    assert (part.series[:, :months] == whole.series[:, :months]).all()
    early = whole.moves.month < months
    for name, column in vars(part.moves).items():
        assert (column == vars(whole.moves)[name][early]).all(), name


def test_a_later_end_changes_nothing_before() -> None:
    shorter = two_cities({"end": "2016-06"})
    assert (simulate(shorter, FOLDER, SEED).series == reference().series[:, :42]).all()


def test_the_event_log_changes_nothing() -> None:
    logged = simulate(SCENARIO, FOLDER, SEED, events=True)
    assert logged.events
    assert logged.digest == reference().digest


def test_recording_changes_nothing() -> None:
    """A world that nobody looked at is the same in the end."""
    watched, unwatched = build(SCENARIO, FOLDER, SEED), build(SCENARIO, FOLDER, SEED)
    recorder = Recorder(watched, metrics_of(watched.region))
    for month in range(30):
        advance(watched)
        recorder.record(watched, month)
        advance(unwatched)
    for name, population in watched.populations().items():
        other = unwatched.populations()[name]
        for column, array in population.columns():
            assert (array == getattr(other, column)).all(), f"{name}.{column}"
    assert (watched.ledger.balance == unwatched.ledger.balance).all()


def test_order_of_keys_in_the_file_changes_nothing(tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    shipped = load("two_cities")
    backwards = tmp_path / "two_cities.yaml"
    with backwards.open("w", encoding="utf-8") as file:
        yaml.sort_base_mapping_type_on_output = False
        YAML().dump(_reversed(yaml.load(shipped.file.read_text(encoding="utf-8"))), file)
    assert list(_reversed({"a": 1, "b": {"c": 2, "d": 3}})) == ["b", "a"]
    again = load(backwards)
    assert again.digest == shipped.digest
    assert list(again.document.parks) != sorted(again.document.parks)
    assert simulate(again.document, FOLDER, SEED).digest == reference().digest


def _reversed(value: Any) -> Any:
    return {key: _reversed(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


# -- rows -----------------------------------------------------------------------------------------------------------


def permute(world: World, name: str, rng: np.random.Generator) -> None:
    """Give the entities of a population other rows; every column that refers to it follows."""
    populations = world.populations()
    moved = populations[name]
    order = rng.permutation(moved.used)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    moved.permute(order)
    for population in populations.values():
        for column, declared in population.schema.items():
            if declared.refers == name:
                refer(population, column, place)
    world.tables.clear()


def refer(population: Population, column: str, place: np.ndarray) -> None:
    rows = getattr(population, column)
    held = rows >= 0
    rows[held] = place[rows[held]]


def permute_accounts(world: World, rng: np.random.Generator) -> None:
    """Give all accounts but that of the outside other numbers."""
    ledger = world.ledger
    order = np.concatenate([[0], 1 + rng.permutation(ledger.used - 1)])
    place = np.empty(order.size, np.int32)
    place[order] = np.arange(order.size)
    for array in (ledger.balance, ledger.home):
        array[: ledger.used] = array[: ledger.used][order]
    ledger._free = place[ledger._free]
    for population in world.populations().values():
        for column, declared in population.schema.items():
            if column == "account" or declared.refers == "accounts":
                getattr(population, column)[:] = place[getattr(population, column)]
    world.government = place[world.government]
    world.centre_account = place[world.centre_account]


POPULATIONS = tuple(build(SCENARIO, FOLDER, SEED).populations())
MOMENTS = tuple(range(0, 48, 5))


@pytest.mark.parametrize("name", POPULATIONS)
def test_rows_of_a_population_change_nothing(name: str) -> None:
    rng = np.random.default_rng(8)
    assert disturbed(lambda world: permute(world, name, rng), MOMENTS) == undisturbed()


def test_numbers_of_accounts_change_nothing() -> None:
    rng = np.random.default_rng(9)
    assert disturbed(lambda world: permute_accounts(world, rng), MOMENTS) == undisturbed()


def test_rows_of_everything_change_nothing() -> None:
    rng = np.random.default_rng(10)

    def permute_all(world: World) -> None:
        for name in POPULATIONS:
            permute(world, name, rng)
        permute_accounts(world, rng)

    assert disturbed(permute_all, MOMENTS) == undisturbed()


def test_derived_tables_do_not_know_rows() -> None:
    """What is derived from slow state is the same to the last bit, whatever rows the entities have."""
    rng = np.random.default_rng(11)
    world = build(SCENARIO, FOLDER, SEED)
    advance(world)
    seen: dict[str, set[bytes]] = {}
    for _ in range(12):
        for name in POPULATIONS:
            permute(world, name, rng)
        advance(world)
        market = world.tables["market"]
        for name in ("mass", "fit", "reach", "attraction", "pull"):
            seen.setdefault(f"market.{name}", set()).add(getattr(market, name).tobytes())
    assert {name: len(values) for name, values in seen.items()} == dict.fromkeys(seen, 1)


def test_the_test_of_rows_can_fail() -> None:
    """Rows that move without those who refer to them are noticed."""
    rng = np.random.default_rng(12)
    assert disturbed(lambda world: world.origins.permute(rng.permutation(world.origins.used)), MOMENTS) != undisturbed()


# -- worlds with a little more in them ------------------------------------------------------------------------------


def test_an_inert_agent_changes_nothing() -> None:
    """A manufacturer without weight and an enterprise that finds and founds nothing: no draw is anybody else's."""

    def add(world: World) -> None:
        here = np.array([0])
        for population, sector, uid in (
            (world.manufacturers, "manufacturers", 123456789),
            (world.origins, "enterprises", 987654321),
        ):
            population.grow(np.array([uid], np.uint64), zone=here, account=world.ledger.open(sector, here))

    heads = ("manufacturers_alive", "enterprises_alive", "manufacturers_left", "enterprises_left")
    assert disturbed(add, (13,), heads) == disturbed(lambda world: None, unseen=heads)


def test_an_unrelated_purpose_changes_nothing() -> None:
    before = undisturbed()
    if "tests.unrelated" not in purposes():
        purpose("tests.unrelated")
    assert disturbed(lambda world: None) == before


# -- surroundings ---------------------------------------------------------------------------------------------------

SCRIPT = """
from sim.experiments.simulate import simulate
from sim.scenario import load, region_folder
scenario = load("two_cities")
print(simulate(scenario.document, region_folder(scenario), seed=%d).digest)
"""

SURROUNDINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "NUMBA_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "OMP_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "3", "TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "1"},
)


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda s: f"hash seed {s['PYTHONHASHSEED']}, {s['TZ']}")
def test_surroundings_change_nothing(surroundings: dict[str, str], tmp_path: Path) -> None:
    warm = {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(compiled._FOLDER.parent)}
    command = [sys.executable, "-c", SCRIPT % SEED]
    done = subprocess.run(
        command, env={**os.environ, **warm, **surroundings}, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == reference().digest
