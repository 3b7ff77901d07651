"""The answers of an experiment, from its store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.arms import Answers
from sim.results.geography import Geography
from sim.results.stored import Stored

Reals = NDArray[np.float64]

DRAWN = ("latin_hypercube", "sobol", "morris", "saltelli")


def answers_of(store: Stored, geography: Geography | None = None) -> Answers:
    """What a store holds of its newest plan; InputError if its arms have different months."""
    plan = store.plan
    arms, points, replicates = store.shape
    paths = store.points
    experiment: Mapping[str, Any] = plan["experiment"]

    def read(metric: str, place: str) -> Reals:
        found, runs = store.series(metric, place)
        whole = np.full((arms * points * replicates, found.shape[1]), np.nan)
        whole[runs] = found
        return whole.reshape(arms, points, replicates, -1)

    return Answers(
        name=store.name,
        title=plan["title"],
        title_zh=experiment.get("title_zh", ""),
        note=plan["note"],
        arms=tuple(store.arms),
        points=[{path: values[k] for path, values in paths.items()} for k in range(points)],
        drawn=plan["design"]["kind"] in DRAWN,
        replicates=replicates,
        seed=int(plan["seed"]),
        months=tuple(store.months),
        metrics={one["name"]: one for one in plan["metrics"]},
        places=tuple(plan["places"]),
        pictured=tuple(plan["pictured"]),
        windows={name: (w["start"], w["end"]) for name, w in plan["windows"].items()},
        read=read,
        names_zh=experiment.get("names_zh", {}),
        scale=float(next(iter(plan["arms"].values()))["resolved"].get("scale", 1.0)),
        origin=str(store.folder),
        geography=geography,
    )
