"""Is a sweep whole after anything that can happen to its driver, its disk or its files?"""

from __future__ import annotations

import hashlib
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.errors import JJJError, StoreError
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import Study, read
from sim.experiments.sweep import Tally, sweep_study
from sim.results.stored import Stored, open_store
from sim.results.tables import canonical_digest
from sim.store import Store
from sim.store.checking import check, repair
from sim.store.compacting import compact
from sim.store.receipts import DONE, Receipt, read_receipt
from tests.faults.fakes import SLOW, TINY, experiment
from tests.faults.killing import FORKS, driver

KILLS, FLIPS = 50, 1000


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where that is to be had: what a kill leaves does not depend on the disk, and fsync costs nothing."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(experiment(tmp_path_factory.mktemp("study"), replicates=2))


@pytest.fixture(scope="module")
def uninterrupted(study: Study, tmp_path_factory: pytest.TempPathFactory) -> str:
    return canonical_digest(open_store(run(study, tmp_path_factory.mktemp("whole")).folder))


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts stay small."""
    monkeypatch.setattr("sim.experiments.sweep.compact", lambda store, months: 0)


def run(study: Study, out: Path, work: str = TINY) -> Tally:
    return sweep_study(study, out=out, executor=Serial(), work=work)


def acknowledged(store: Path) -> list[str]:
    """Keys of runs that are done, as often as they are held."""
    return [
        key
        for receipt in Store(store).trusted([])
        for key, status in zip(receipt.rows.key, receipt.rows.status, strict=True)
        if status == DONE
    ]


def test_a_driver_killed_at_fifty_moments_loses_and_doubles_nothing(folder: Path, tmp_path: Path) -> None:
    study = read(experiment(tmp_path, replicates=60))
    whole = canonical_digest(open_store(run(study, folder / "whole").folder))
    store, seen, kills = folder / "killed" / study.name, set[str](), 0
    for k in range(KILLS):
        process = driver(study, folder / "killed", SLOW)
        share = hashlib.blake2b(bytes([k]), digest_size=1).digest()[0] / 255
        process.join(0.02 + 0.25 * share)
        kills += process.is_alive()
        process.kill()
        process.join()
        now = set(acknowledged(store))
        assert seen <= now, "an acknowledged run was lost"
        seen = now
    again = run(study, folder / "killed")
    held = acknowledged(store)
    print(
        f"{kills} kills, {len(seen)} of {again.total} runs acknowledged meanwhile, "
        f"0 lost, {len(held) - len({*held})} doubled"
    )
    assert kills > KILLS // 2
    assert len(held) == len({*held}) == again.total
    assert canonical_digest(open_store(store)) == whole
    assert not check(Store(store)).unacknowledged


def test_a_kill_at_every_call_of_the_store_does_no_harm(folder: Path, tmp_path: Path) -> None:
    study = read(experiment(tmp_path, replicates=1))
    uninterrupted = canonical_digest(open_store(run(study, folder / "whole").folder))
    count = FORKS.Value("i", 0)
    driver(study, folder / "counted", TINY, count=count).join()
    assert count.value > 80
    for call in range(1, count.value + 1):
        out = folder / str(call)
        process = driver(study, out, TINY, kill_at=call)
        process.join()
        assert process.exitcode == -signal.SIGKILL, call
        assert run(study, out).left == 0, call
        found = open_store(out / study.name)
        assert canonical_digest(found) == uninterrupted, call
        report = check(Store(found.folder))
        assert (report.damaged, report.unacknowledged, report.strangers) == ([], [], []), call
        shutil.rmtree(out)
    print(f"killed at each of {count.value} calls: 0 wrong")


def test_a_thousand_flipped_bits_are_all_noticed(folder: Path, study: Study, uninterrupted: str) -> None:
    store = run(study, folder).folder
    files = [
        path for path in sorted(store.rglob("*")) if path.is_file() and path.name != "lock" and path.stat().st_size
    ]
    files = [path for path in files if "regions" not in path.parts]
    silent = refused = harmless = 0
    for k in range(FLIPS):
        number = int.from_bytes(hashlib.blake2b(k.to_bytes(2, "big"), digest_size=8).digest(), "big")
        path = files[number % len(files)]
        content = path.read_bytes()
        at, bit = (number >> 16) % len(content), (number >> 8) % 8
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
        try:
            found = open_store(store)
            same = canonical_digest(found) == uninterrupted and found.points["platform.capacity"].tolist() == [
                0,
                12,
                24,
            ]
            silent, harmless = silent + (not same), harmless + same
        except JJJError:
            refused += 1
        path.write_bytes(content)
    print(
        f"{FLIPS} flipped bits: {refused} refused, {harmless} in bytes that nothing reads, {silent} silent wrong reads"
    )
    assert silent == 0
    assert refused > 0.9 * FLIPS


@pytest.mark.usefixtures("many_parts")
@pytest.mark.parametrize("how", ["torn", "empty", "gone", "another's", "longer"])
@pytest.mark.parametrize("what", ["parts", "receipts"])
def test_a_damaged_file_is_refused_and_only_its_runs_are_done_again(
    folder: Path, study: Study, uninterrupted: str, what: str, how: str
) -> None:
    store = run(study, folder).folder
    first, second, *_ = sorted((store / what).iterdir())
    held = len(next(r for r in Store(store).receipts([]) if r.id == first.stem).rows)
    if how == "gone":
        first.unlink()
    else:
        old = first.read_bytes()
        first.write_bytes(
            {"torn": old[:-7], "empty": b"", "another's": second.read_bytes(), "longer": old + b"\0"}[how]
        )
    if (what, how) != ("receipts", "gone"):
        with pytest.raises(StoreError):
            canonical_digest(open_store(store))
    again = run(study, folder)
    assert again.done == held
    assert canonical_digest(open_store(store)) == uninterrupted


def test_repair_sets_aside_what_is_damaged_and_leaves_strangers_alone(folder: Path, study: Study) -> None:
    store = run(study, folder).folder
    part = sorted((store / "parts").iterdir())[0]
    part.write_bytes(part.read_bytes()[:-1])
    stranger = store / "parts" / "notes.txt"
    stranger.write_text("mine")
    report = check(Store(store))
    assert len(report.damaged) == 1
    assert report.strangers == [stranger]
    with Store(store).locked():
        assert len(repair(Store(store))) == 1
    assert {path.name for path in (store / "damaged").iterdir()} == {f"{part.name}.0", f"{part.stem}.json.0"}
    assert not check(Store(store)).damaged
    assert stranger.exists()
    assert open_store(store).runs["status"].to_pylist().count("missing") > 0


def test_small_parts_become_large_ones_also_under_a_reader(folder: Path, tmp_path: Path) -> None:
    study = read(experiment(tmp_path, replicates=60))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.experiments.sweep.compact", lambda store, months: 0)
        patch.setattr("sim.experiments.sweep.MOST_RUNS_A_CHUNK", 3)
        before = open_store(run(study, folder).folder)
    digest, parts, (values, _) = canonical_digest(before), len(before.receipts), before.series("deals", "ALL")
    store = Store(before.folder)
    with store.locked():
        months = next(iter(before.plan["arms"].values()))["months"]
        compact(store, {(months[0], len(months)): months})
    after = open_store(before.folder)
    print(f"{parts} parts became {len(after.receipts)}")
    assert 0 < 20 * len(after.receipts) <= parts
    assert canonical_digest(after) == digest
    assert (before.series("deals", "ALL")[0] == values).all(), "a reader finds where the runs went"
    assert check(store).damaged == check(store).unacknowledged == []
    assert run(study, folder).done == 0


def test_the_second_of_two_drivers_is_told_who_holds_the_store(folder: Path, study: Study) -> None:
    first = driver(study, folder, "tests.faults.fakes:hanging")
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and not list(folder.glob("*/receipts/*.json")):
        time.sleep(0.02)
    with pytest.raises(StoreError, match=f"process {first.pid} "):
        run(study, folder)
    assert open_store(folder / study.name).done.size > 0, "it cannot be read while it is written"
    first.kill()
    first.join()
    assert run(study, folder).left == 0


def test_a_newer_store_is_refused(folder: Path, study: Study) -> None:
    from sim.store.sealing import sealed

    store = run(study, folder).folder
    (store / "store.json").write_bytes(sealed({"format": 999}))
    with pytest.raises(StoreError, match="newer version"):
        open_store(store)
    with pytest.raises(StoreError, match="newer version"):
        run(study, folder)


@pytest.mark.usefixtures("many_parts")
def test_no_run_is_missed_while_parts_are_merged(study: Study, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are merged between a look into the folder and the reading of what was seen there."""
    store = Store.open(run(study, folder).folder)
    before = open_store(store.folder)
    digest, months = canonical_digest(before), list(before.months)
    assert len(before.receipts) > 2
    merged = 0

    def slowly(path: Path) -> Receipt:
        nonlocal merged
        monkeypatch.setattr("sim.store.folder.read_receipt", read_receipt)
        merged = compact(store, {(months[0], len(months)): months})
        return read_receipt(path)

    monkeypatch.setattr("sim.store.folder.read_receipt", slowly)
    found = open_store(store.folder)
    assert merged > 2, "nothing was merged"
    assert len(found.done) == len(before.done) == len(found.keys)
    assert canonical_digest(found) == digest


def test_it_can_be_read_while_it_is_written(folder: Path, tmp_path: Path) -> None:
    study = read(experiment(tmp_path, replicates=20))
    process = driver(study, folder, SLOW)
    reads, most = 0, 0
    while process.is_alive():
        if list(folder.glob("*/plans/*/plan.json")):
            found: Stored = open_store(folder / study.name)
            values, numbers = found.series("deals", "ALL")
            assert len(values) == len(numbers) >= most
            reads, most = reads + 1, len(numbers)
    print(f"{reads} reads during a sweep, 0 errors")
    assert reads > 2
    assert open_store(folder / study.name).complete
