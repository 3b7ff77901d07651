"""What a small sweep over a grid found, as plain data that a picture can be drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    metric: str = ""
    "Name of the metric that it is, where it is one, with places and months: a picture says them in its own words."
    places: tuple[tuple[str, str], ...] = ()
    "English and Chinese names."
    months: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Sweep:
    """A grid over one or two axes, and what came of it."""

    name: str
    axes: tuple[Axis, ...]
    outcomes: tuple[Outcome, ...]
    seed: int
    replicates: int
    title_zh: str = ""
    names_zh: Mapping[str, str] = field(default_factory=dict)
    "Chinese names of arms and paths."
    note: str = ""
    note_zh: str = ""
    scale: float = 1.0
    origin: str = ""
    "Where it is kept, for the footer; without the folders of this machine."


def open_sweep(folder: Path) -> Sweep:
    """A sweep from its store; StoreError if there is none, or it is damaged."""
    store = open_store(folder)
    plan = store.plan
    named = {"arm": store.arms} if plan["named_arms"] else {}
    axes = tuple(Axis(path, tuple(values)) for path, values in (named | plan["design"]["axes"]).items())
    shape = (*(len(axis.values) for axis in axes), plan["replicates"])
    named_places = {place["key"]: (place["name_en"], place["name_zh"]) for place in plan["places"]}
    outcomes = []
    for name, months in plan["windows"].items():
        for metric in plan["metrics"]:
            where = [plan["places"][-1]["key"]] if metric["over_places"] == "mean" else plan["pictured"]
            values = store.cube(store.window(metric["name"], where, name)).reshape(shape)
            span = (months["start"], months["end"])
            title = f"{metric['name'].replace('_', ' ')}, {window(*span)}, {' + '.join(where)}"
            pictured = tuple(named_places[key] for key in where)
            outcomes.append(Outcome(title, metric["unit"], values, metric["name"], pictured, span))
    asked = plan["experiment"]
    return Sweep(
        plan["title"],
        axes,
        tuple(outcomes),
        plan["seed"],
        plan["replicates"],
        asked.get("title_zh", ""),
        asked.get("names_zh", {}),
        plan["note"],
        asked.get("note_zh", ""),
        store.scale,
        f"results/{store.folder.name}",
    )
