"""What sweeps cost beside their runs: `python -m tests.benchmark_sweeps`. It prints figures and judges nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.chunk import Made
from sim.experiments.estimating import estimate
from sim.experiments.executors.pool import Pool
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import Study, read
from sim.experiments.plan import Plan, Run
from sim.experiments.sweep import Tally, sweep_study
from sim.results.stored import open_store
from sim.results.tables import query
from sim.store import parts
from tests.faults.fakes import TINY, experiment, tiny

SECONDS_A_RUN = 0.1
LARGE = """
title: How long does it take to ask ten thousand runs?
scenario: baseline
set: {scale: 0.1, start: 2013-01, end: 2027-12}
arms:
  one: {}
replicates: %d
metrics: [deals, deals_brokered, deals_yuan, branches_opened, branches_alive, branches_closed, ventures_founded,
  ventures_alive, programmes_pledged, contracts_service, contracts_yuan, needs_met, financed_yuan, knowledge_yuan,
  achievements_born, achievements_on_shelf, adoptions, manufacturers_alive, enterprises_alive, deals_outside]
window: {start: 2020-01, end: 2027-12}
"""


def sleeping(plan: Plan, run: Run) -> Made:
    """A run that takes a tenth of a second and no processor."""
    time.sleep(SECONDS_A_RUN)
    return tiny(plan, run)


def computing(plan: Plan, run: Run) -> Made:
    """A run that takes a tenth of a second of one processor."""
    began = time.process_time()
    while time.process_time() - began < SECONDS_A_RUN:
        pass
    return tiny(plan, run)


def large(plan: Plan, run: Run) -> Made:
    """Counts such as the model's, months by places by metrics."""
    metrics, months, places = len(plan.metrics), 180, len(plan.content["places"])
    shift = int(run.key[:6], 16)
    n = np.arange(metrics * months * places, dtype=np.uint64) + np.uint64(shift)
    n ^= n * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(31)
    series = (n * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(58)).astype(np.int64)  # six bits of noise a number
    return Made(series.reshape(metrics, months, places), run.key)


def held() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def folder() -> Iterator[Path]:
    name = Path(tempfile.mkdtemp())
    try:
        yield name
    finally:
        shutil.rmtree(name)


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def named(work: Callable[..., Any]) -> str:
    return f"tests.benchmark_sweeps:{work.__name__}"


def overhead(runs: int = 6000) -> None:
    """Of the runner, a run: everything but the run itself."""
    with folder() as out:
        study = read(experiment(out, runs // 6))
        for name, executor in (
            ("in one process", Serial()),
            ("in a pool of one", Pool(1)),
            ("in a pool of two", Pool(2)),
        ):
            tally = sweep_study(study, out=out / name.replace(" ", "-"), executor=executor, work=TINY)
            print(f"overhead, {runs:,} runs of no length, {name:<18} {1e3 * tally.seconds / tally.done:8.2f} ms a run")


def speed_up(runs: int = 300) -> None:
    """Of two processes against one, with their start."""
    with folder() as out:
        study = read(experiment(out, runs // 6))
        for work, what in ((sleeping, "sleeping"), (computing, "computing")):
            seconds = []
            for slots in (1, 2):
                tally = sweep_study(study, out=out / f"{what}{slots}", executor=Pool(slots), work=named(work))
                seconds.append(tally.seconds)
            ideal = runs * SECONDS_A_RUN / 2
            print(
                f"{runs} runs of {SECONDS_A_RUN} s {what}: one process {seconds[0]:.1f} s, two {seconds[1]:6.1f} s, "
                f"{50 * seconds[0] / seconds[1]:4.0f} % of twice as fast, "
                f"{100 * ideal / seconds[1]:4.0f} % of no overhead"
            )


def many(runs: int = 100_002) -> None:
    """A hundred thousand tiny runs: time, memory of the driver, opening."""
    with folder() as out:
        study = read(_wide(out, runs))
        before, most = held(), 0.0

        def watch(tally: Tally) -> None:
            nonlocal most
            if tally.done % 1000 < 100:
                most = max(most, held())

        tally = sweep_study(study, out=out, executor=Pool(2), work=TINY, progress=watch)
        print(
            f"{tally.done:,} runs of no length: {tally.seconds:.0f} s, "
            f"{1e3 * tally.seconds / tally.done:.2f} ms a run, driver from {before:.0f} to {max(most, held()):.0f} MB"
        )
        times = []
        for _ in range(3):
            began = time.perf_counter()
            store = open_store(tally.folder)
            times.append(time.perf_counter() - began)
        print(f"opening a store of {tally.done:,} runs: {min(times):.2f} s")
        began = time.perf_counter()
        kept = sweep_study(study, out=out, executor=Serial(), work=TINY).kept
        print(
            f"finding that {kept:,} runs are there: {time.perf_counter() - began:.1f} s; {len(store.receipts):,} parts"
        )


def _wide(out: Path, runs: int) -> Path:
    """Many points of ten thousand replicates at most."""
    file = experiment(out, min(10_000, runs // 6))
    values = ", ".join(str(k) for k in range(max(3, round(runs / 20_000))))
    file.write_text(file.read_text().replace("0, 12, 24", values))
    return file


def asking(runs: int = 10_000) -> None:
    """Mean and quantiles of a metric over ten thousand runs of 180 months and 20 metrics."""
    with folder() as out:
        file = out / "large.yaml"
        file.write_text(LARGE % runs)
        tally = sweep_study(read(file), out=out, executor=Pool(2), work=named(large))
        size = bytes_in(tally.folder)
        store = open_store(tally.folder)
        print(
            f"{runs:,} runs of 180 months, {len(store.places)} places, 20 metrics: "
            f"{tally.seconds:.0f} s, {size / 1e9:.2f} GB"
        )
        for what in ("every byte verified first", "again in the same process"):
            if "first" in what:
                parts._found_right.cache_clear()  # who wrote them has verified them already
            began = time.perf_counter()
            values = open_store(tally.folder).window("deals", ["JJJ"], "window")
            mean, low, middle, high = values.mean(), *np.quantile(values, (0.05, 0.5, 0.95))
            seconds = time.perf_counter() - began
            print(f"mean {mean:.0f} and quantiles {low:.0f}, {middle:.0f}, {high:.0f}, {what}: {seconds:.2f} s")
        began = time.perf_counter()
        query(store, "SELECT avg(deals), quantile_cont(deals, 0.5) FROM series WHERE place = 'JJJ'")
        print(f"the same in SQL: {time.perf_counter() - began:.2f} s")


def foretold(runs: int = 120) -> None:
    """What --dry-run says, and what it then takes; the model itself, on two_cities."""
    with folder() as out:
        study: Study = read(experiment(out, runs // 6))
        told = estimate(study, out, 2)
        began = time.perf_counter()
        tally = sweep_study(study, out=out, jobs=2)
        seconds = time.perf_counter() - began
        size = bytes_in(tally.folder)
        print(
            f"foretold {told.seconds:.1f} s, took {seconds:.1f} s; "
            f"foretold {told.disk / 1e3:.0f} kB, took {size / 1e3:.0f} kB; "
            f"foretold {told.memory / 1e6:.0f} MB, took {2 * tally.memory_mb} MB"
        )


def main() -> None:
    overhead()
    speed_up()
    many()
    asking()
    foretold()


if __name__ == "__main__":
    main()
