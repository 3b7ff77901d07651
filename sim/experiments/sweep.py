"""The sweep: what is not there yet is cut into chunks, done by an executor, and kept run by run.

It can end at any moment, however it ends: what was acknowledged is kept, and the same command goes on from there.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.provenance import model_source
from sim.experiments.auditing import Audit
from sim.experiments.chunk import SIMULATED, Chunk, lost
from sim.experiments.executors import Began, Executor, Finished, Lost
from sim.experiments.executors.pool import Pool
from sim.experiments.experiment import Study, read
from sim.experiments.plan import Plan, Run, made_by, plans, prepare, resolve
from sim.store import Receipt, Store
from sim.store.audits import keep_audits
from sim.store.checking import alarms, repair
from sim.store.compacting import compact
from sim.store.receipts import DONE, FAILED

SECONDS_A_CHUNK = 5.0
"What may be lost when everything is killed, about, for each process."
MOST_RUNS_A_CHUNK = 100
MOST_BYTES_A_CHUNK = 64e6
SECONDS_TO_END = 10
"What runs under way have after SIGTERM."


@dataclass
class Tally:
    """How far a sweep is."""

    folder: Path
    total: int = 0
    "Runs of the plan."
    kept: int = 0
    "Done by earlier commands."
    done: int = 0
    "Done by this one."
    failed: int = 0
    "Failed, in this or an earlier command."
    seconds: float = 0.0
    "Since this command began to run."
    memory_mb: int = 0
    "Most that a process held."
    alarms: list[str] = field(default_factory=list)
    "Results that contradict each other, in words."
    audited: int = 0
    "Runs that were done once more, to compare."
    differed: int = 0
    "Those that did not give the same numbers."
    stopped: int = 0
    "Exit code of what stopped it; 0 if nothing did."
    failures: list[str] = field(default_factory=list)
    "The first of them, in words."

    @property
    def left(self) -> int:
        """Runs that are still to be done."""
        return self.total - self.kept - self.done - self.failed


Told = Callable[[Tally], None]
MOST_TOLD = 20


def sweep(file: Path, overrides: Sequence[str] = (), **how: Any) -> Tally:
    """Run the experiment of a file, or go on with it; `how` goes to `sweep_study`."""
    return sweep_study(read(file, overrides), **how)


def sweep_study(
    study: Study,
    *,
    out: Path = Path("results"),
    jobs: int | None = None,
    timeout: float | None = None,
    executor: Executor | None = None,
    again: bool = False,
    work: str = SIMULATED,
    progress: Told = lambda tally: None,
    notice: Callable[[str], None] = lambda line: None,
) -> Tally:
    """Run an experiment, or go on with it, and say how far it came; its store is `<out>/<name of its file>`.

    `again` tries failed runs once more. Raises InputError and RefusedError before anything is written, StoreError if
    another command holds the store, OutputError if it cannot be written.
    """
    resolved = resolve(study)
    store = Store.create(out / study.name, made_by())
    with store.locked():
        for problem in repair(store):
            notice(f"{problem}: set aside, and made again")
        _tell_of_another_model(store, notice)
        plan = prepare(resolved, store)
        tally = Tally(store.folder, plan.size)
        todo = _todo(store, plan, tally, again)
        progress(tally)
        if todo.size:
            doing = executor or Pool(min(jobs or os.cpu_count() or 1, todo.size), timeout=timeout)
            with _interrupts(doing, tally, notice):
                _do(store, plan, todo, doing, tally, work, progress)
            if not tally.stopped:
                months = (arm["months"] for arm in plan.content["arms"].values())
                compact(store, {(labels[0], len(labels)): labels for labels in months})
            tally.alarms = alarms(store)
    return tally


def _tell_of_another_model(store: Store, notice: Callable[[str], None]) -> None:
    before = max(plans(store).values(), key=lambda one: one["number"], default=None)
    if before is not None and before["model_source"] != model_source():
        notice("The model has changed since the runs of this store: all are done anew, and the old ones are kept.")


def _todo(store: Store, plan: Plan, tally: Tally, again: bool) -> NDArray[np.int64]:
    """Numbers of the runs to be done: first replicates of all points before second ones, arms side by side."""
    done, failed = set[str](), set[str]()
    for receipt in store.trusted([]):
        for key, status in zip(receipt.rows.key, receipt.rows.status, strict=True):
            (done if status == DONE else failed).add(key)
    failed -= done
    keys = plan.keys()
    wanted, seen = [], set[str]()
    for index, key in enumerate(keys):
        if key in done:
            tally.kept += 1
        elif key in failed and not again:
            tally.failed += 1
        elif key in seen:
            tally.kept += 1  # the same run under another name
        else:
            seen.add(key)
            wanted.append(index)
    at = np.array(wanted, np.int64)
    replicates, points = plan.content["replicates"], plan.content["points"]
    return at[np.lexsort((at // (replicates * points), at // replicates % points, at % replicates))]


def chunk_size(plan: Plan, seconds: float, left: int, slots: int) -> int:
    """Runs of the next chunk, when one takes `seconds` and `left` are left for `slots` hands."""
    content = plan.content
    months = max(len(arm["months"]) for arm in content["arms"].values())
    held = 8.0 * len(content["places"]) * months * len(content["recorded"])
    most = min(SECONDS_A_CHUNK / max(seconds, 1e-4), MOST_BYTES_A_CHUNK / held, left / (2 * slots))
    return int(np.clip(most, 1, MOST_RUNS_A_CHUNK))


class _Cutter:
    """Cuts runs into chunks that take about as long as may be lost."""

    def __init__(self, plan: Plan, todo: NDArray[np.int64], slots: int, work: str, audit: Audit) -> None:
        self.plan, self.todo, self.slots, self.work, self.audit = plan, todo, slots, work, audit
        self.seconds = SECONDS_A_CHUNK  # a run, until one is known

    def learn(self, receipt: Receipt) -> None:
        if len(receipt.rows):
            mean = sum(receipt.rows.seconds) / len(receipt.rows)
            self.seconds = mean if self.seconds == SECONDS_A_CHUNK else 0.7 * self.seconds + 0.3 * mean

    def size(self, left: int) -> int:
        return chunk_size(self.plan, self.seconds, left, self.slots)

    def chunks(self) -> Iterator[Chunk]:
        """All that is to be done; then, as often as it is asked, what is to be done once more."""
        return _Unending(self._first(), self.audit.chunks)

    def _first(self) -> Iterator[Chunk]:
        at = 0
        while at < self.todo.size:
            runs: list[Run] = []
            for run in self.plan.runs(self.todo[at : at + self.size(self.todo.size - at)].tolist()):
                if runs and self._months(run) != self._months(runs[0]):
                    break
                runs.append(run)
            at += len(runs)
            yield Chunk(self.plan.folder, tuple(runs), self.work)

    def _months(self, run: Run) -> list[str]:
        months: list[str] = self.plan.content["arms"][run.arm]["months"]
        return months


class _Unending(Iterator[Chunk]):
    """After its end it may be asked again, for something may have been added."""

    def __init__(self, first: Iterator[Chunk], then: Callable[[], Iterator[Chunk]]) -> None:
        self.first, self.then = first, then

    def __next__(self) -> Chunk:
        chunk = next(self.first, None) or next(self.then(), None)
        if chunk is None:
            raise StopIteration
        return chunk


def _do(
    store: Store, plan: Plan, todo: NDArray[np.int64], executor: Executor, tally: Tally, work: str, progress: Told
) -> None:
    audit = Audit(plan, work)
    cutter = _Cutter(plan, todo, executor.slots, work, audit)
    start = time.monotonic()
    for report in executor.run(cutter.chunks()):
        tally.seconds = time.monotonic() - start
        if isinstance(report, Began):
            progress(tally)
            continue
        if isinstance(report, Lost):
            if audit.lost(report.run.key):
                continue
            receipt = lost(plan, report.run, report.stage, report.message, report.seconds)
        else:
            assert isinstance(report, Finished)
            receipt = report.receipt
            if audit.judged(receipt):
                continue
            cutter.learn(receipt)
        store.commit(receipt)
        audit.note(receipt)
        _count(receipt, tally)
        progress(tally)
    keep_audits(store.folder, audit.results)
    tally.audited, tally.differed = len(audit.results), list(audit.results.values()).count(False)


def _count(receipt: Receipt, tally: Tally) -> None:
    rows = receipt.rows
    tally.memory_mb = max([tally.memory_mb, *rows.memory_mb])
    failed = rows.status.count(FAILED)
    tally.failed += failed
    tally.done += len(rows) - failed
    for at in range(len(rows)):
        if rows.status[at] == FAILED and len(tally.failures) < MOST_TOLD:
            where = f"{rows.arm[at]}, point {rows.point[at]}, replicate {rows.replicate[at]}"
            what = ": ".join(part for part in (rows.exception[at], rows.message[at]) if part)
            tally.failures.append(
                f"{where} failed ({rows.stage[at]}): {what}\n  jjj replay {tally.folder}#{rows.key[at][:12]}"
            )


@contextmanager
def _interrupts(executor: Executor, tally: Tally, notice: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C once: runs under way are finished and kept; twice: at once. After SIGTERM they have ten seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if tally.stopped:
            raise KeyboardInterrupt
        tally.stopped = 128 + number
        executor.stop()
        if number == signal.SIGTERM:
            signal.alarm(SECONDS_TO_END)
        else:
            with suppress(RuntimeError):  # a line that was just being written is not to be interrupted by another
                notice("Runs under way are finished and kept; Ctrl-C once more ends at once.")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        yield
    except KeyboardInterrupt:
        if not tally.stopped:
            raise
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
