"""What a run does when it is interrupted, or when its results cannot be written."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.cli import _drawing
from sim.errors import RefusedError
from sim.experiments.runner import Task, run_all
from sim.experiments.running import is_whole, run
from sim.scenario import load
from tests.helpers import two_cities

JJJ = [sys.executable, "-m", "sim"]


def jjj(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*JJJ, *arguments], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_file_in_the_way_is_told_before_anything_is_simulated(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = jjj("run", "two_cities", "--out", str(tmp_path / "taken" / "results"))
    assert done.returncode == 7
    assert "a part of the path is a file" in done.stderr
    assert "of 1 done" not in done.stderr
    assert done.stdout == ""


def test_a_disk_that_fills_up_leaves_nothing_under_a_final_name(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = jjj("run", "two_cities", "--no-figures", "--jobs", "1", "--out", str(tmp_path), preexec_fn=small_files)
    assert done.returncode == 7
    assert "larger than this account may write" in done.stderr
    assert files(tmp_path) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_exits_130_and_leaves_nothing(tmp_path: Path, jobs: str) -> None:
    arguments = ["run", "two_cities", "--replicates", "400", "--no-figures", "--jobs", jobs, "--out", str(tmp_path)]
    process = subprocess.Popen(
        [*JJJ, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and not any(tmp_path.rglob(".*")):
        time.sleep(0.05)  # until the folder that is being filled appears
    assert process.poll() is None, "it ended before it could be interrupted"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=180)
    assert process.returncode in (130, -signal.SIGINT)  # one and the same to a shell
    assert "Traceback" not in err
    assert out == ""
    assert files(tmp_path) == []


def test_a_replicate_of_which_the_process_was_killed_is_done_again() -> None:
    document, folder = two_cities({"end": "2014-12"})
    tasks = [Task("", document, folder, 1, replicate) for replicate in range(8)]
    counted: list[int] = []
    outcomes = run_all(tasks, 2, lambda task: counted.append(task.replicate))
    disturbed = [next(outcomes)]
    for process in multiprocessing.active_children():
        process.kill()
    disturbed += outcomes
    assert [task.replicate for task, _ in disturbed] == list(range(8)) == sorted(counted)
    assert [outcome.digest for _, outcome in disturbed] == [outcome.digest for _, outcome in run_all(tasks, 1)]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_replicate_that_ends_each_process_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    arguments = ["--set", "border.penalty=0.5", "--replicates", "200", "--seed", "3", "--jobs", "2", "--no-figures"]
    process = subprocess.Popen(
        [*JJJ, "run", "two_cities", *arguments, "--out", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 180
    while process.poll() is None and time.monotonic() < deadline:
        if any(tmp_path.rglob(".*")):  # the folder that is being filled: from now on no process lives for long
            for child in children.read_text(encoding="ascii").split():
                os.kill(int(child), signal.SIGKILL)
        time.sleep(0.3)
    out, err = process.communicate(timeout=180)
    assert (process.returncode, out) == (4, ""), err
    assert "its process was ended twice" in err
    command = shlex.split(next(line for line in err.splitlines() if "jjj replay" in line).partition(": ")[2])
    assert command[:2] == ["jjj", "replay"]
    assert command[3:7] == ["--set", "border.penalty=0.5", "--seed", "3"]
    assert files(tmp_path) == []
    assert len(jjj(*command[1:]).stdout.strip()) == 64


def test_a_process_that_draws_and_is_killed_is_told_and_the_tables_are_kept(tmp_path: Path) -> None:
    folder = run(load("two_cities", {"end": "2014-12"}), out=tmp_path)
    with pytest.raises(RefusedError, match="tables are kept") as told, _drawing(2) as draw:
        for process in multiprocessing.active_children():
            process.kill()
        draw(folder)
    assert told.value.remedy.strip() == f"To draw again: jjj plot {folder}"
    assert is_whole(folder)


def test_the_same_request_is_computed_once_and_damage_is_mended(tmp_path: Path) -> None:
    first = jjj("run", "two_cities", "--no-figures", "--out", str(tmp_path))
    folder = Path(first.stdout.strip())
    digests = json.loads((folder / "manifest.json").read_text())["digests"]
    again = jjj("run", "two_cities", "--no-figures", "--out", str(tmp_path))
    assert again.stdout == first.stdout
    assert "of 1 done" not in again.stderr
    table = folder / "series.parquet"
    table.write_bytes(table.read_bytes()[:-1])
    assert jjj("targets", str(folder)).returncode == 5
    mended = jjj("run", "two_cities", "--no-figures", "--out", str(tmp_path))
    assert mended.returncode == 0
    assert "of 1 done" in mended.stderr
    assert json.loads((folder / "manifest.json").read_text())["digests"] == digests


def test_a_result_says_what_is_needed_to_repeat_it(tmp_path: Path) -> None:
    done = jjj("run", "two_cities", "--no-figures", "--set", "scale=2", "--seed", "7", "--out", str(tmp_path))
    manifest = json.loads((Path(done.stdout.strip()) / "manifest.json").read_text())
    assert manifest["command"] == "jjj run two_cities.yaml --set scale=2 --replicates 1 --seed 7"
    assert manifest["software"]["numpy"]
    assert {"scenario_digest", "region_files", "scenario_files"} <= manifest["inputs"].keys()
    assert str(Path.home()) not in json.dumps(manifest)
    resolved = Path(done.stdout.strip()) / "scenario.yaml"
    checked = jjj("check", str(resolved))
    assert checked.returncode == 0, checked.stderr
