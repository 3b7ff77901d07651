"""Many replicates on all cores; each is a run of its own, so workers, order and number of cores change nothing.

Each hand is a pool of one process, so that when a process is killed it is known which replicate it was doing: that one
is done once more by a fresh process, and its neighbours are not disturbed.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sim.core.invariants import Level
from sim.errors import JJJError, RefusedError
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


class LostError(JJJError):
    """A replicate of which the process ended twice: most often one that needs more memory than there is."""

    exit_code = RefusedError.exit_code

    def __init__(self, task: Task) -> None:
        self.seed, self.replicate = task.seed, task.replicate
        super().__init__(
            f"Replicate {task.replicate}, seed {task.seed}: its process was ended twice, perhaps by a system out of "
            "memory. Nothing was written.",
            remedy="  Fewer --jobs or a smaller scale take less memory.",
        )


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
    """Outcomes in the order of `tasks`; at most two a worker are kept waiting, so memory stays flat.

    Raises LostError if a replicate ends its process, and that of a second try; with one job they are done here, and
    there is no process to lose.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(tasks))
    told = finished or (lambda task: None)
    if jobs <= 1:
        for task in tasks:
            outcome = run_task(task)
            told(task)
            yield task, outcome
        return
    with ExitStack() as hands:
        yield from _in_order(tasks, jobs, lambda: hands.enter_context(workers(1)), told)


def _in_order(
    tasks: Sequence[Task], jobs: int, fresh: Callable[[], ProcessPoolExecutor], finished: Callable[[Task], None]
) -> Iterator[tuple[Task, Outcome]]:
    idle = [fresh() for _ in range(jobs)]
    running: dict[Future[Outcome], tuple[int, ProcessPoolExecutor]] = {}
    waiting = deque(range(len(tasks)))
    tried = set[int]()
    done: dict[int, Outcome] = {}
    given = 0
    while given < len(tasks):
        while idle and waiting and waiting[0] - given < 2 * jobs:
            hand, at = idle.pop(), waiting[0]
            try:
                running[hand.submit(run_task, tasks[at])] = at, hand
                waiting.popleft()
            except BrokenProcessPool:  # it was killed while it was idle
                idle.append(fresh())
        if given in done:
            yield tasks[given], done.pop(given)
            given += 1
            continue
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            at, hand = running.pop(future)
            try:
                done[at] = future.result()
            except BrokenProcessPool:
                if at in tried:
                    raise LostError(tasks[at]) from None
                tried.add(at)
                waiting.appendleft(at)
                idle.append(fresh())
                continue
            finished(tasks[at])
            idle.append(hand)
