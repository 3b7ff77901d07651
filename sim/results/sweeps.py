"""What a small sweep over a grid found, as plain data that a picture can be drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
