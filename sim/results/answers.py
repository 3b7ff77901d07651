"""The answers of an experiment, from its store; and those of results that were run one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.arms import Answers
from sim.results.effects import Pair, arms
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
        note_zh=experiment.get("note_zh", ""),
        contrasts=experiment.get("contrasts", {}),
        scale=store.scale,
        origin=f"results/{store.folder.name}",
        geography=geography,
    )


def answers_from(pairs: Sequence[Pair], metrics: Sequence[str], places: Sequence[str], start: str, end: str) -> Answers:
    """Results that share their first one, as the arms of an experiment without points; replicates that all have."""
    first = pairs[0].a
    common = [n for n in first.replicate_numbers if all(n in both.replicates for both in pairs)]
    results = [arms(pairs[0])[0][0], *(both.b for both in pairs)]
    names = [one.name for one in results]
    labels = [n if names.count(n) == 1 else f"{n} {r.manifest['key'][:6]}" for n, r in zip(names, results, strict=True)]
    rows = [[one.row_of[n] for n in common] for one in results]

    def read(metric: str, place: str) -> Reals:
        every = [one.series(metric)[at][:, :, one.at(place)] for one, at in zip(results, rows, strict=True)]
        return np.array(every, np.float64)[:, None]

    return Answers(
        name="-".join(labels),
        title=f"What do {', '.join(labels[1:])} change against {labels[0]}?",
        title_zh=f"{'、'.join(labels[1:])}相对{labels[0]}有何改变？",
        note="",
        arms=tuple(labels),
        points=[{}],
        drawn=False,
        replicates=len(common),
        seed=int(first.manifest["seed"]),
        months=tuple(first.months),
        metrics={name: first.describe(name) for name in metrics},
        places=tuple(first.manifest["places"]),
        pictured=tuple(places),
        windows={"window": (start, end)},
        read=read,
        scale=first.scale,
        origin=" ".join(f"results/{one.name}/{one.manifest['key']}" for one in results),
        geography=first.geography,
    )
