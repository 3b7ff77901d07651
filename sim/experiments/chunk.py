"""A chunk of runs, done by one process: series into a part, what became of each run into a receipt.

The part is published here; the receipt is returned, and whoever drives the sweep makes it count.
"""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, InvariantError, OutputError, StoreError, clean
from sim.experiments.plan import Plan, Run, made_by, open_plan
from sim.store import Receipt, Store
from sim.store.parts import series_digest, write_part
from sim.store.receipts import DONE, FAILED, Rows

SIMULATED = "sim.experiments.chunk:simulated"
LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Made:
    """What a run leaves for the store."""

    series: NDArray[np.int64]
    "[metric, month, place], the plan's metrics in their order."
    outcome: str
    "Digest of everything that it made, kept or not."
    loop_gain: float | None = None


@dataclass(frozen=True)
class Chunk:
    """Runs of one arm, and where they belong; small enough to be sent anywhere."""

    plan: Path
    runs: tuple[Run, ...]
    work: str = SIMULATED
    "Function of a plan and a run that makes the run, as `module:name`."
    keep: bool = True
    "False of an audit: what comes out is looked at, not kept."

    @property
    def id(self) -> str:
        """The same runs have the same name: a chunk that is done twice is published once."""
        return hashlib.blake2b("\0".join(run.key for run in self.runs).encode(), digest_size=12).hexdigest()


def simulated(plan: Plan, run: Run) -> Made:
    """One run of the model."""
    from sim.experiments.simulate import simulate  # a process that only drives need not load the model

    document = plan.arms[run.arm].document(run.values)
    outcome = simulate(document, plan.region, plan.content["seed"], run.replicate)
    chosen = [outcome.metrics.index(name) for name in plan.metrics]
    return Made(outcome.series[chosen], outcome.digest, outcome.loop_gain)


def done_by(name: str) -> Callable[[Plan, Run], Made]:
    """The function of a name `module:function`."""
    module, _, function = name.partition(":")
    work: Callable[[Plan, Run], Made] = getattr(import_module(module), function)
    return work


def perform(
    chunk: Chunk, began: Callable[[Run], None] = lambda run: None, go_on: Callable[[], bool] = lambda: True
) -> Receipt:
    """Do a chunk; `began` hears of each run, `go_on` may end it early. What fails becomes a row and stops nothing.

    Raises OutputError if the part cannot be written.
    """
    plan = open_plan(chunk.plan)
    work = done_by(chunk.work)
    rows, kept = Rows(), []
    months, places = plan.content["arms"][chunk.runs[0].arm]["months"], [p["key"] for p in plan.content["places"]]
    for run in chunk.runs:
        if len(rows) and not go_on():
            break
        began(run)
        start = time.perf_counter()
        try:
            made = work(plan, run)
        except Exception as error:
            if isinstance(error, (StoreError, OutputError)):
                raise
            add(rows, plan, run, start, stage=_stage(error), error=error)
            continue
        add(rows, plan, run, start, made=made, digest=series_digest(plan.metrics, months[0], places, made.series))
        kept.append(made.series)
    identity = Chunk(chunk.plan, chunk.runs[: len(rows)]).id
    store = Store(plan.folder.parents[1])
    part = None
    if kept and chunk.keep:
        part = write_part(store.part(identity), np.stack(kept), plan.metrics, months, places)
    return Receipt(
        identity, plan.folder.name, months[0], len(months), tuple(places), tuple(plan.metrics), rows, part, made_by()
    )


def add(
    rows: Rows,
    plan: Plan,
    run: Run,
    start: float,
    *,
    made: Made | None = None,
    digest: str = "",
    stage: str = "",
    error: BaseException | None = None,
    message: str = "",
) -> None:
    """The row of one run."""
    rows.add(
        key=run.key, arm=run.arm, point=run.point, replicate=run.replicate, seed=plan.content["seed"],
        status=FAILED if made is None else DONE, digest=digest, outcome="" if made is None else made.outcome,
        loop_gain=None if made is None else made.loop_gain, seconds=round(time.perf_counter() - start, 4),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, stage=stage,
        exception="" if error is None else type(error).__name__,
        message=clean(message or str(error or ""), LONGEST_MESSAGE),
    )  # fmt: skip


def lost(plan: Plan, run: Run, stage: str, message: str, seconds: float) -> Receipt:
    """The receipt of a run that took its process with it, or was ended from outside."""
    rows = Rows()
    add(rows, plan, run, time.perf_counter() - seconds, stage=stage, message=message)
    arm = plan.content["arms"][run.arm]
    places = tuple(p["key"] for p in plan.content["places"])
    identity = Chunk(plan.folder, (run,)).id
    metrics, months = tuple(plan.metrics), arm["months"]
    return Receipt(identity, plan.folder.name, months[0], len(months), places, metrics, rows, None, made_by())


def _stage(error: Exception) -> str:
    """Where a run failed, in a word or two."""
    if isinstance(error, InvariantError):
        return " ".join(part for part in ("invariant", error.month, error.process) if part)
    if isinstance(error, InputError):
        return "scenario"
    return "memory" if isinstance(error, MemoryError) else "model"
