"""What a small sweep over a grid found, as plain data that a picture can be drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.results.stored import open_store
from sim.results.wording import window

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """One thing that was varied: its dotted path in the scenario, and its values in the order they were given."""

    path: str
    values: tuple[object, ...]

    @property
    def numeric(self) -> bool:
        """Whether the values lie on a line: rising numbers."""
        numbers = [v for v in self.values if isinstance(v, int | float) and not isinstance(v, bool)]
        return len(numbers) == len(self.values) and numbers == sorted(set(numbers))


@dataclass(frozen=True, eq=False)
class Outcome:
    """One number of every run: what it is, in words, its unit, and the values."""

    title: str
    unit: str
    values: Reals
    "[first axis, (second axis,) replicate]; not a number where a run failed."


@dataclass(frozen=True)
class Sweep:
    """A grid over one or two axes, and what came of it."""

    name: str
    axes: tuple[Axis, ...]
    outcomes: tuple[Outcome, ...]
    seed: int
    replicates: int
    origin: str = ""
    "Where it came from and how to draw it again, for the footer."


def open_sweep(folder: Path) -> Sweep:
    """A sweep from its store; StoreError if there is none, or it is damaged."""
    store = open_store(folder)
    plan = store.plan
    named = {"arm": store.arms} if plan["named_arms"] else {}
    axes = tuple(Axis(path, tuple(values)) for path, values in (named | plan["design"]["axes"]).items())
    shape = (*(len(axis.values) for axis in axes), plan["replicates"])
    outcomes = []
    for name, months in plan["windows"].items():
        when = f"{window(months['start'], months['end'])}, {' + '.join(plan['pictured'])}"
        for metric in plan["metrics"]:
            values = store.cube(store.window(metric["name"], plan["pictured"], name)).reshape(shape)
            outcomes.append(Outcome(f"{metric['name'].replace('_', ' ')}, {when}", metric["unit"], values))
    origin = f"{plan['name']}. {plan['note']}".strip()
    return Sweep(plan["title"], axes, tuple(outcomes), plan["seed"], plan["replicates"], origin)
