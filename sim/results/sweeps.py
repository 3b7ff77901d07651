"""What a small sweep over a grid found, as plain data that a picture can be drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import StoreError
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
    """A sweep from its folder; StoreError if there is none."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        rows = pq.read_table(folder / "runs.parquet", page_checksum_verification=True)
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder}: no sweep that can be read here ({error})") from error
    experiment = manifest["experiment"]
    varied = manifest.get("axes", experiment["grid"])
    axes = tuple(Axis(path, tuple(values)) for path, values in varied.items())
    shape = (*(len(axis.values) for axis in axes), experiment["replicates"])
    order = np.lexsort((rows["replicate"].to_numpy(), rows["point"].to_numpy()))
    when = f"{window(experiment['window']['start'], experiment['window']['end'])}, {' + '.join(manifest['places'])}"
    outcomes = []
    for metric in manifest["metrics"]:
        values = rows[metric["name"]].to_numpy()[order].reshape(shape)
        outcomes.append(Outcome(f"{metric['name'].replace('_', ' ')}, {when}", metric["unit"], values * 1.0))
    origin = f"{manifest['name']}/{manifest['key'][:8]}. {experiment['note']}".strip()
    return Sweep(experiment["title"], axes, tuple(outcomes), experiment["seed"], experiment["replicates"], origin)
