"""Runs that cost nothing, and runs that misbehave: for tests of what happens around a run, not in it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from sim.experiments.chunk import Made, simulated
from sim.experiments.plan import Plan, Run

TINY, SLOW, CRASHING, HANGING, GREEDY, RAISING, CRASHING_ONCE, SIMULATED_SLOWLY, WAVERING, REPEATING = (
    f"tests.faults.fakes:{name}"
    for name in (
        "tiny",
        "slow",
        "crashing",
        "hanging",
        "greedy",
        "raising",
        "crashing_once",
        "simulated_slowly",
        "wavering",
        "repeating",
    )
)
BAD = 7
"Number of the run that misbehaves."

EXPERIMENT = """
title: Does it matter what happens around a run?
scenario: two_cities
set: {end: 2013-03}
arms:
  one: {}
  other: {border.penalty: 0.5}
grid:
  platform.capacity: [0, 12, 24]
replicates: %d
seed: 5
metrics: [deals, branches_alive]
places: [LO]
window: {start: 2013-01, end: 2013-03}
"""


def experiment(folder: Path, replicates: int = 4) -> Path:
    """An experiment's file with six runs a replicate."""
    file = folder / "around.yaml"
    file.write_text(EXPERIMENT % replicates, encoding="utf-8")
    return file


def tiny(plan: Plan, run: Run) -> Made:
    """Numbers that follow from the key."""
    shape = (len(plan.metrics), len(plan.content["arms"][run.arm]["months"]), len(plan.content["places"]))
    step = 2 * int(run.key[:12], 16) + 1
    return Made((np.arange(np.prod(shape)) * step % 1_000_003).reshape(shape), run.key)


def slow(plan: Plan, run: Run) -> Made:
    time.sleep(0.01)
    return tiny(plan, run)


def crashing(plan: Plan, run: Run) -> Made:
    if run.index == BAD:
        os.kill(os.getpid(), signal.SIGKILL)
    return tiny(plan, run)


def crashing_once(plan: Plan, run: Run) -> Made:
    mark = plan.folder.parents[1] / "crashed"
    if run.index == BAD and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return tiny(plan, run)


def hanging(plan: Plan, run: Run) -> Made:
    if run.index == BAD:
        (plan.folder.parents[1] / "hangs").touch()
        time.sleep(600)
    return tiny(plan, run)


def greedy(plan: Plan, run: Run) -> Made:
    if run.index == BAD:
        held = np.ones(120_000_000)  # nearly a gigabyte
        time.sleep(600 + held[0])
    return tiny(plan, run)


def raising(plan: Plan, run: Run) -> Made:
    if run.index == BAD:
        raise ValueError("the price is -3")
    return tiny(plan, run)


def simulated_slowly(plan: Plan, run: Run) -> Made:
    """The model itself, with time to be killed in."""
    time.sleep(0.05)
    return simulated(plan, run)


def wavering(plan: Plan, run: Run) -> Made:
    """Numbers that are others each time."""
    made = tiny(plan, run)
    return Made(made.series + os.getpid() + time.monotonic_ns() % 1000, run.key)


def repeating(plan: Plan, run: Run) -> Made:
    """All replicates alike, as of a model that forgot its seed."""
    return Made(tiny(plan, run).series, f"{run.arm}{run.point}".encode().hex().ljust(64, "0"))
