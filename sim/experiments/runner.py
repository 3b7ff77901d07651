"""Many replicates on all cores; each is a run of its own, so workers, order and number of cores change nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from sim.core.invariants import Level
from sim.experiments.simulate import Outcome, simulate
from sim.interrupts import remembered
from sim.scenario.schema import ScenarioDocument
from sim.workers import workers


@dataclass(frozen=True)
class Task:
    """One replicate of one scenario, and the name of the arm it belongs to."""

    arm: str
    scenario: ScenarioDocument
    folder: Path
    seed: int
    replicate: int
    events: bool = False
    invariants: Level = "light"


def run_task(task: Task) -> Outcome:
    """Run one task in this process; an interrupt ends it after a process of the month."""
    with remembered() as answer:
        return simulate(
            task.scenario,
            task.folder,
            task.seed,
            task.replicate,
            events=task.events,
            invariants=task.invariants,
            heed=answer,
        )


def run_all(
    tasks: Sequence[Task], jobs: int | None = None, finished: Callable[[Task], None] | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Outcomes in the order of `tasks`; at most two a worker are kept waiting, so memory stays flat."""
    jobs = min(jobs or os.cpu_count() or 1, len(tasks))
    if jobs <= 1:
        for task in tasks:
            outcome = run_task(task)
            if finished:
                finished(task)
            yield task, outcome
        return
    with workers(jobs) as pool:
        yield from _in_order(pool, tasks, 2 * jobs, finished)


def _in_order(
    pool: ProcessPoolExecutor, tasks: Sequence[Task], ahead: int, finished: Callable[[Task], None] | None
) -> Iterator[tuple[Task, Outcome]]:
    running: dict[Future[Outcome], int] = {}
    done: dict[int, Outcome] = {}
    sent = given = 0
    while given < len(tasks):
        while sent < len(tasks) and sent - given < ahead:
            running[pool.submit(run_task, tasks[sent])] = sent
            sent += 1
        if given not in done:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                at = running.pop(future)
                done[at] = future.result()
                if finished:
                    finished(tasks[at])
            continue
        yield tasks[given], done.pop(given)
        given += 1
