"""How fast, how large, how linear: `python -m tests.benchmark`. It prints figures and judges nothing.

Timings depend on the machine and on what else it does; the table of scales is the figure to look at first.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sim.core.invariants import LEVELS
from sim.experiments.simulate import Outcome, simulate
from sim.scenario import load, region_folder
from tests import benchmark_sweeps

SCALES = (0.1, 0.3, 1.0, 3.0, 10.0)
JJJ = [sys.executable, "-m", "sim"]


def in_process(scale: float, repeats: int) -> None:
    """One run of a scale in a process of its own, after a warm-up: best of `repeats`."""
    code = f"""
import resource, time
from sim.scenario import load, region_folder
from sim.experiments.simulate import simulate
warm = load("baseline", {{"scale": 0.1}})
simulate(warm.document, region_folder(warm))
one = load("baseline", {{"scale": {scale}}})
times = []
for _ in range({repeats}):
    began = time.perf_counter()
    outcome = simulate(one.document, region_folder(one))
    times.append(time.perf_counter() - began)
entities = outcome.entity_months / outcome.series.shape[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{{{scale}:>6g}} {{min(times):>9.2f}} {{min(times) / outcome.entity_months * 1e9:>16.1f}}"
      f" {{entities:>14,.0f}} {{outcome.bytes_held / entities:>13.0f}} {{peak:>9.0f}}")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


# Levers moved by a tenth, and the outcome that each is meant to move.
MOVED: tuple[tuple[str, object, str], ...] = (
    ("platform.capacity", 440, "deals"),
    ("border.penalty", 0.63, "deals"),
    ("decap_pressure", {2013: 0.55, 2016: 1.1, 2018: 1.43}, "branches_opened"),
)


def one(overrides: dict[str, object], replicate: int, **options: object) -> Outcome:
    """One replicate of the baseline at scale 0.1."""
    scenario = load("baseline", {"scale": 0.1, **overrides})
    return simulate(scenario.document, region_folder(scenario), replicate=replicate, **options)  # type: ignore[arg-type]


def paired_variance(replicates: int = 16) -> None:
    """What common random numbers are worth: Var(A) + Var(B), as of independent seeds, over Var(B - A)."""

    def totals(overrides: dict[str, object], metric: str) -> np.ndarray:
        runs = (one(overrides, r) for r in range(replicates))
        return np.array([run.series[run.metrics.index(metric), :, -1].sum() for run in runs], float)

    for lever, value, metric in MOVED:
        a, b = totals({}, metric), totals({lever: value}, metric)
        factor = (a.var(ddof=1) + b.var(ddof=1)) / (b - a).var(ddof=1)
        effect = f"{metric} {(b - a).mean():+.1f} of {a.mean():.0f}"
        print(f"{lever:<20} {effect:<34} {factor:>9.1f} times less variance than independent seeds")


def invariants(repeats: int = 5) -> None:
    """What checking costs, at 1:1."""
    scenario = load("baseline")
    seconds = {}
    for level in LEVELS:
        times = []
        for _ in range(repeats if level != "full" else 1):
            began = time.perf_counter()
            simulate(scenario.document, region_folder(scenario), invariants=level)
            times.append(time.perf_counter() - began)
        seconds[level] = min(times)
        print(f"{level:<6} {seconds[level]:6.2f} s  {seconds[level] / seconds['off'] - 1.0:+7.1%}")


def against_the_twin(months: int = 6) -> None:
    """How much faster the fast code is than the plain one of tests/twin, at scale 0.1."""
    code = f"""
import time
from sim.build import build
from sim.month import advance
from sim.scenario import load, region_folder
from twin.start import twin_of
scenario = load("baseline", {{"scale": 0.1}})
warm, world = (build(scenario.document, region_folder(scenario)) for _ in range(2))
twin = twin_of(world, 1, 0)
for _ in range({months}):
    advance(warm)
seconds = []
for step in (lambda: advance(world), twin.step):
    began = time.perf_counter()
    for _ in range({months}):
        step()
    seconds.append((time.perf_counter() - began) / {months})
fast, slow = seconds
print(f"{{fast * 1e3:.2f}} ms a month, the twin {{slow * 1e3:,.0f}}: {{slow / fast:,.0f}} times")
"""
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})


def command(title: str, arguments: list[str], repeats: int, environment: dict[str, str] | None = None) -> None:
    """A whole command: median and best wall time."""
    times = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            out = ["--out", folder] if "run" in arguments else []
            began = time.perf_counter()
            subprocess.run([*JJJ, *arguments, *out], check=True, capture_output=True, env=environment)
            times.append(time.perf_counter() - began)
    print(f"{title:<62} median {sorted(times)[len(times) // 2]:6.2f} s, best {min(times):6.2f} s")


def main() -> None:
    scales = [s for s in SCALES if s <= float(sys.argv[1])] if len(sys.argv) > 1 else SCALES
    print("One run of 216 months on one core, compiled:\n")
    print(f"{'scale':>6} {'seconds':>9} {'ns/entity-month':>16} {'entities':>14} {'bytes/entity':>13} {'peak MB':>9}")
    for scale in scales:
        in_process(scale, 3 if scale <= 1 else 1)
    print("\nInvariants, one run at 1:1:\n")
    invariants()
    print("\nAgainst the plain twin, at scale 0.1 (it should be at least 100 times slower):\n")
    against_the_twin()
    print("\nLevers moved by a tenth, 16 pairs at scale 0.1:\n")
    paired_variance()
    print("\nWhole commands:\n")
    command("jjj --help", ["--help"], 7)
    command("jjj check baseline", ["check", "baseline"], 5)
    command("jjj run baseline, 1 replicate with pictures", ["run", "baseline"], 3)
    command("jjj run baseline --no-figures", ["run", "baseline", "--no-figures"], 3)
    cache = Path(tempfile.mkdtemp())
    try:
        command("jjj run baseline, very first run (compiles)", ["run", "baseline"], 1,
                {**os.environ, "NUMBA_CACHE_DIR": str(cache), "MPLCONFIGDIR": str(cache)})  # fmt: skip
    finally:
        shutil.rmtree(cache)
    print("\nSweeps, beside their runs:\n")
    benchmark_sweeps.main()
    print(f"\nPeak memory of any child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
