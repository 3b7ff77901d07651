"""A scenario with its replicates becomes a result folder: the main job."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.build import region_of
from sim.core.invariants import Level
from sim.errors import InvariantError, StoreError
from sim.experiments.runner import LostError, Task, run_all
from sim.experiments.store import estimated_bytes, publish, run_key
from sim.results import open_result
from sim.scenario import Scenario, refuse_if_impossible, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.store.publishing import check_writable

Progress = Callable[[int, int], None]
"Called with what is done and how much there is."


def run(
    scenario: Scenario[ScenarioDocument],
    *,
    replicates: int = 1,
    seed: int = 1,
    jobs: int | None = None,
    out: Path = Path("results"),
    events: bool = False,
    progress: Progress = lambda done, total: None,
    command: str = "",
    invariants: Level = "light",
) -> Path:
    """Run a scenario and return its result folder; the same request is not computed twice.

    Raises RefusedError if it cannot fit this machine, OutputError if `out` cannot be written, both before
    anything is simulated, InvariantError if an identity of the model breaks, LostError if a replicate ends its process
    twice.
    """
    refuse_if_impossible(scenario)
    folder = out / scenario.name / run_key(scenario, seed, replicates, events)
    if is_whole(folder):
        return folder
    data = region_folder(scenario)
    check_writable(folder.parent, estimated_bytes(scenario, region_of(data), replicates))
    tasks = [Task(scenario.name, scenario.document, data, seed, r, events, invariants) for r in range(replicates)]
    done = 0

    def count(task: Task) -> None:
        nonlocal done
        done += 1
        progress(done, replicates)

    outcomes = (outcome for _, outcome in run_all(tasks, jobs, count))
    with replayable(scenario):
        return publish(folder, scenario, region_of(data), outcomes, seed=seed, command=command)


def feedback_of(folder: Path) -> str:
    """One line on the feedback of the environment in a result; empty where there is none."""
    gains = [gain for gain in open_result(folder).manifest.get("loop_gain", {}).values() if gain is not None]
    if not gains:
        return ""
    said = f"loop gain of the environment: {max(gains):.3f} (largest spectral radius of {len(gains)})"
    return said + (", below 1: damped" if max(gains) < 1.0 else "; warning: not below 1, the feedback explodes")


def is_whole(folder: Path) -> bool:
    """Whether a result is there and undamaged; a damaged one is computed again."""
    try:
        open_result(folder)
    except StoreError:
        return False
    return True


@contextmanager
def replayable(scenario: Scenario[ScenarioDocument]) -> Iterator[None]:
    """What breaks a replicate of a scenario is told together with the command that repeats it."""
    try:
        yield
    except (InvariantError, LostError) as error:
        error.remedy += f"\n  To see it again, alone: {replay_command(scenario, error)}"
        raise


def replay_command(scenario: Scenario[ScenarioDocument], error: InvariantError | LostError) -> str:
    """The command that simulates a replicate again; a broken one up to the month in which it broke."""
    words = ["jjj", "replay", str(scenario.file)]
    for change in scenario.log:
        if change.place.file.startswith("--set"):
            words += ["--set", f"{change.path}={change.new}"]
    words += ["--seed", str(error.seed), "--replicate", str(error.replicate)]
    if isinstance(error, InvariantError):
        words += ["--until", error.month, "--invariants", "full"]
    return shlex.join(words)


def request(
    scenario: Scenario[ScenarioDocument], replicates: int, seed: int, events: bool, given: tuple[str, ...]
) -> str:
    """The command that repeats a run, without paths of this machine."""
    parts = ["jjj run", scenario.file.name]
    parts += [f"--set {one}" for one in given]
    parts += [f"--replicates {replicates}", f"--seed {seed}"] + (["--events"] if events else [])
    return " ".join(parts)
