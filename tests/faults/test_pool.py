"""Is only the run lost that misbehaves, and is it named? Do processes end when they should, however that comes?"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import OutputError
from sim.experiments.auditing import chosen
from sim.experiments.executors.pool import Pool
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import Study, read
from sim.experiments.sweep import sweep_study
from sim.results.stored import open_store
from sim.results.tables import canonical_digest
from sim.store import Store
from sim.store.audits import audited
from sim.store.checking import alarms
from sim.store.receipts import read_receipt
from tests.faults.fakes import (
    BAD,
    CRASHING,
    CRASHING_ONCE,
    GREEDY,
    HANGING,
    RAISING,
    REPEATING,
    SLOW,
    TINY,
    WAVERING,
    experiment,
)  # fmt: skip
from tests.faults.killing import FORKS

LITTLE = 600e6


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(experiment(tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module")
def digest(study: Study, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the sweep by the plainest executor."""
    tally = sweep_study(study, out=tmp_path_factory.mktemp("serial"), executor=Serial(), work=TINY)
    return canonical_digest(open_store(tally.folder))


@pytest.mark.parametrize(
    ("work", "stage", "told"),
    [
        (CRASHING, "process", "its process ended twice (signal SIGKILL"),
        (HANGING, "timeout", "took longer than 4 s"),
        (GREEDY, "memory", "more than its share of 600 MB"),
        (RAISING, "model", "the price is -3"),
    ],
)
def test_only_the_run_that_misbehaves_is_lost_and_it_is_named(
    study: Study, digest: str, tmp_path: Path, work: str, stage: str, told: str
) -> None:
    timeout = 4.0 if work == HANGING else None
    tally = sweep_study(study, out=tmp_path, executor=Pool(2, timeout=timeout, memory=LITTLE), work=work)
    assert (tally.failed, tally.done, tally.left) == (1, 23, 0)
    store = open_store(tally.folder)
    (row,) = [row for row in store.runs.to_pylist() if row["status"] != "done"]
    assert (row["index"], row["status"], row["stage"]) == (BAD, "failed", stage)
    assert told in row["message"]
    assert f"jjj replay {tally.folder}#{row['key'][:12]}" in tally.failures[0]
    print(f"{stage}: 1 run lost, named; 23 of 23 others done")
    again = sweep_study(study, out=tmp_path, executor=Serial(), work=TINY)
    assert (again.done, again.failed) == (0, 1), "what failed is not tried again unless asked"
    mended = sweep_study(study, out=tmp_path, executor=Serial(), work=TINY, again=True)
    assert (mended.done, mended.failed) == (1, 0)
    assert canonical_digest(open_store(tally.folder)) == digest


def test_a_run_that_kills_its_process_once_is_not_lost(study: Study, digest: str, tmp_path: Path) -> None:
    tally = sweep_study(study, out=tmp_path, executor=Pool(2), work=CRASHING_ONCE)
    assert (tally.done, tally.failed) == (24, 0)
    assert canonical_digest(open_store(tally.folder)) == digest


@pytest.mark.parametrize("slots", [1, 3])
def test_who_runs_it_changes_nothing(study: Study, digest: str, tmp_path: Path, slots: int) -> None:
    tally = sweep_study(study, out=tmp_path, executor=Pool(slots), work=TINY)
    assert canonical_digest(open_store(tally.folder)) == digest


@pytest.mark.parametrize("most", [1, 5, 100])
def test_the_size_of_chunks_changes_nothing(
    study: Study, digest: str, tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.sweep.MOST_RUNS_A_CHUNK", most)
    tally = sweep_study(study, out=tmp_path, executor=Serial(), work=TINY)
    assert canonical_digest(open_store(tally.folder)) == digest


def _drive(study: Study, out: Path, work: str, slots: int) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    tally = sweep_study(study, out=out, executor=Pool(slots), work=work)
    os._exit(tally.stopped)


def begun(study: Study, out: Path, work: str) -> Any:
    """A driver with two processes; if it comes to a run that never ends, that run has begun."""
    driver = FORKS.Process(target=_drive, args=(study, out, work, 2))
    driver.start()
    wait(lambda: len(list(out.glob("*/receipts/*.json"))) > 1 and (work != HANGING or any(out.glob("*/hangs"))))
    return driver


def wait(until: Callable[[], bool], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(one) for one in text.split()]


def gone(pid: int) -> bool:
    """Whether a process does no more, even if nobody has asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_processes_of_a_killed_driver_end(study: Study, tmp_path: Path) -> None:
    driver = begun(study, tmp_path, HANGING)
    processes = children(driver.pid)
    assert len(processes) >= 2
    began = time.monotonic()
    driver.kill()
    driver.join()
    wait(lambda: all(map(gone, processes)))
    print(f"{len(processes)} processes ended {time.monotonic() - began:.2f} s after their driver was killed, 0 orphans")


def test_ctrl_c_once_keeps_what_is_under_way(study: Study, tmp_path: Path) -> None:
    driver = begun(read(experiment(tmp_path, 200)), tmp_path / "out", SLOW)
    os.kill(driver.pid, signal.SIGINT)
    driver.join(30)
    assert driver.exitcode == 130
    store = open_store(tmp_path / "out" / "around")
    assert 0 < store.done.size < 1200
    again = sweep_study(read(experiment(tmp_path, 200)), out=tmp_path / "out", executor=Serial(), work=TINY)
    assert (again.kept, again.left) == (store.done.size, 0)


def test_ctrl_c_twice_ends_at_once(study: Study, tmp_path: Path) -> None:
    driver = begun(study, tmp_path, HANGING)
    processes = children(driver.pid)
    os.kill(driver.pid, signal.SIGINT)
    driver.join(1.0)
    assert driver.is_alive(), "the first one waits for runs under way"
    began = time.monotonic()
    os.kill(driver.pid, signal.SIGINT)
    driver.join(30)
    assert driver.exitcode == 130
    wait(lambda: all(map(gone, processes)), 10)
    print(f"ended {time.monotonic() - began:.2f} s after the second Ctrl-C")


def test_sigterm_ends_with_143(study: Study, tmp_path: Path) -> None:
    driver = begun(read(experiment(tmp_path, 200)), tmp_path / "out", SLOW)
    os.kill(driver.pid, signal.SIGTERM)
    driver.join(30)
    assert driver.exitcode == 143


def _limited(study: Study, out: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_500, 2_500))
    try:
        sweep_study(study, out=out, executor=Serial(), work=TINY)
    except OutputError as error:
        os._exit(error.exit_code if "larger than this account may write" in str(error) else 99)
    os._exit(0)


def test_a_disk_that_fills_up_stops_the_sweep_which_goes_on_when_there_is_space(
    study: Study, digest: str, tmp_path: Path
) -> None:
    sweep_study(read(experiment(tmp_path, 1)), out=tmp_path, executor=Serial(), work=TINY)
    driver = FORKS.Process(target=_limited, args=(study, tmp_path))
    driver.start()
    driver.join()
    assert driver.exitcode == OutputError.exit_code
    tally = sweep_study(study, out=tmp_path, executor=Serial(), work=TINY)
    assert (tally.left, tally.failed) == (0, 0)
    assert canonical_digest(open_store(tally.folder)) == digest


def test_a_folder_in_which_nothing_can_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    file = experiment(tmp_path)
    command = [sys.executable, "-m", "sim", "sweep", str(file), "--out", str(tmp_path / "taken" / "results")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == OutputError.exit_code
    assert "a part of the path is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_of_five_hundred_runs_is_done_twice_and_must_agree(study: Study, tmp_path: Path) -> None:
    many = read(experiment(tmp_path, 250))
    good = sweep_study(many, out=tmp_path / "good", executor=Pool(1), work=TINY)
    assert good.done == 1500
    assert (good.audited > 0, good.differed, good.alarms) == (True, 0, [])
    assert audited(good.folder) == dict.fromkeys(audited(good.folder), True)
    assert sum(map(chosen, open_store(good.folder).keys)) == good.audited
    bad = sweep_study(many, out=tmp_path / "bad", executor=Serial(), work=WAVERING)
    assert bad.differed == bad.audited == good.audited
    print(f"{good.audited} audited, 0 differed; of a model that wavers {bad.audited} audited, {bad.differed} differed")


def test_results_that_contradict_each_other_raise_an_alarm(study: Study, tmp_path: Path) -> None:
    same = sweep_study(study, out=tmp_path / "same", executor=Serial(), work=REPEATING)
    assert len(same.alarms) == 1
    assert "different replicates" in same.alarms[0]
    twice = sweep_study(study, out=tmp_path / "twice", executor=Serial(), work=TINY)
    other = sweep_study(study, out=tmp_path / "other", executor=Serial(), work=WAVERING)
    for kind in ("parts", "receipts"):  # receipts of the same runs under other names, as of chunks cut otherwise
        for path in (other.folder / kind).iterdir():
            target = twice.folder / kind / f"{'f' * 8}{path.name[8:]}"
            if kind == "parts":
                shutil.copy(path, target)
            else:
                target.write_bytes(replace(read_receipt(path), id=target.stem).dump())
    assert "24 runs have two different results" in alarms(Store(twice.folder))[0]
