"""What a sweep will take, from a few of its runs done at the same time as the sweep would do them."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.core.compiled import is_cold
from sim.errors import RefusedError
from sim.experiments.chunk import SIMULATED, Chunk
from sim.experiments.executors import Finished
from sim.experiments.executors.pool import Pool
from sim.experiments.experiment import Study
from sim.experiments.plan import Plan, made_by, prepare, resolve
from sim.experiments.sweep import chunk_size
from sim.scenario.sizes import memory_bytes
from sim.store import Receipt, Store
from sim.store.compacting import MERGED
from sim.store.parts import read_part, write_part
from sim.store.receipts import DONE, Rows

SECONDS_TRIED = 6.0
MOST_TRIED = 64


@dataclass(frozen=True)
class Estimate:
    """Of a whole sweep."""

    runs: int
    kept: int
    jobs: int
    seconds: float
    memory: float
    "Bytes that all processes hold together."
    disk: float
    "Bytes of what is added."
    tried: int

    @property
    def new(self) -> int:
        """Runs that are to be done."""
        return self.runs - self.kept


def estimate(study: Study, out: Path, jobs: int, work: str = SIMULATED) -> Estimate:
    """Do a few runs, keep nothing, and say what all take; RefusedError if this machine cannot hold it."""
    with tempfile.TemporaryDirectory() as name:
        store = Store.create(Path(name) / study.name, made_by())
        plan = prepare(resolve(study), store)
        done = _done(out / study.name)
        new = [index for index, key in enumerate(plan.keys()) if key not in done]
        jobs = max(1, min(jobs, len(new)))
        if not new:
            return Estimate(plan.size, plan.size, jobs, 0.0, 0.0, 0.0, 0)
        receipts, startup = _try(plan, store, new, jobs, work)
        begun = sum(path.stat().st_size for path in store.folder.glob("*s/*/**/*") if path.is_file())
        seconds, memory, disk = _extrapolated(plan, store, receipts, len(new), jobs, startup)
    disk += 0 if (out / study.name).exists() else begun
    found = Estimate(plan.size, plan.size - len(new), jobs, seconds, memory, disk, len(receipts))
    _refuse(found, out)
    return found


def _done(folder: Path) -> set[str]:
    if not (folder / "store.json").exists():
        return set()
    return {
        key
        for receipt in Store.open(folder).trusted([])
        for key, status in zip(receipt.rows.key, receipt.rows.status, strict=True)
        if status == DONE
    }


def _try(plan: Plan, store: Store, new: list[int], jobs: int, work: str) -> tuple[list[Receipt], float]:
    """Receipts of single runs, spread over what is new, and seconds until a process had done its first one."""
    spread = np.unique(np.linspace(0, len(new) - 1, min(MOST_TRIED, len(new))).astype(int))
    order = np.argsort(
        [int(plan.run(new[k]).key[:8], 16) for k in spread]
    )  # neither the first points nor the first arms
    if is_cold():  # what is compiled now need not be compiled by the sweep
        list(Pool(1).run(iter([Chunk(plan.folder, (plan.run(new[0]),), work, keep=False)])))
    start = time.monotonic()

    def chunks() -> Iterator[Chunk]:
        for number, k in enumerate(order):
            if number >= 2 * jobs and time.monotonic() - start > SECONDS_TRIED:
                return
            yield Chunk(plan.folder, (plan.run(new[spread[k]]),), work)

    receipts, first = [], 0.0
    for report in Pool(jobs).run(chunks()):
        if isinstance(report, Finished):
            receipts.append(report.receipt)
            if len(receipts) == jobs:
                first = time.monotonic() - start
    return receipts, first


def _extrapolated(
    plan: Plan, store: Store, receipts: list[Receipt], new: int, jobs: int, startup: float
) -> tuple[float, float, float]:
    """Seconds, bytes of memory and bytes of disk."""
    times = [receipt.rows.seconds[0] for receipt in receipts]
    mean = float(np.mean(times[jobs:] or times))  # the first run of each process also loads the model
    memory = jobs * 1e6 * max(receipt.rows.memory_mb[0] for receipt in receipts)
    chunks, left = 0, new
    while left > 0:
        left -= chunk_size(plan, mean, left, jobs)
        chunks += 1
    chunks = min(chunks, math.ceil(new / MERGED))  # small parts are merged when all is done
    a_run, a_chunk = _bytes(store, [receipt for receipt in receipts if receipt.part is not None])
    return startup + max(0, new - jobs) * mean / jobs, memory, new * a_run + chunks * a_chunk


def _bytes(store: Store, receipts: list[Receipt]) -> tuple[float, float]:
    """What a run takes of a part and a receipt, and what these take however few runs they hold."""
    if not receipts:
        return 0.0, 0.0
    first = receipts[0]
    alike = [receipt for receipt in receipts if receipt.months == first.months]
    series = np.concatenate([read_part(store.part(r.id), r, first.metrics) for r in alike])
    months = [f"{k:04d}" for k in range(first.months)]

    def size(runs: int) -> int:
        rows = Rows(**{name: [getattr(r.rows, name)[0] for r in alike[:runs]] for name in vars(first.rows)})
        part = write_part(store.part("trial"), series[:runs], first.metrics, months, first.places)
        return part.size + len(replace(first, rows=rows).dump())

    if len(alike) == 1:
        return 0.0, float(size(1))
    few, many = (len(alike) + 1) // 2, len(alike)
    a_run = (size(many) - size(few)) / (many - few)
    return a_run, max(0.0, size(many) - many * a_run)


def _refuse(found: Estimate, out: Path) -> None:
    """RefusedError if the machine is too small."""
    near = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(near).free
    wrong = []
    if found.disk > free:
        wrong.append(f"{found.disk / 1e9:.1f} GB of disk are needed, {free / 1e9:.1f} GB are free")
    if found.memory > memory_bytes():
        wrong.append(f"{found.memory / 1e9:.1f} GB of memory are needed, the machine has {memory_bytes() / 1e9:.1f} GB")
    if wrong:
        raise RefusedError("; ".join(wrong), remedy="  Fewer runs or metrics, or fewer --jobs, or another --out.")
