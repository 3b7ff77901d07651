"""The pictures that suit an experiment, drawn from its store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.results.answers import answers_of
from sim.results.arms import Answers
from sim.results.geography import read_geography
from sim.results.stored import Stored, newest_plan, open_store
from sim.store import Store

MOST_AXES = 2


def answers_in(folder: Path) -> tuple[Stored, Answers]:
    """A store and its answers with their map, which is made from the region that lies in the store."""
    from sim.build import region_of
    from sim.experiments.plan import open_plan
    from sim.experiments.store import geography

    store = open_store(folder)
    plan, _ = newest_plan(Store.open(folder))
    made = json.loads(json.dumps(geography(region_of(open_plan(plan).region))))
    return store, answers_of(store, read_geography(made))


def draw(folder: Path, language: str = "en") -> list[Path]:
    """Every picture that suits the design, or those that the experiment names, in `<store>/figures`."""
    store, answers = answers_in(folder)
    if not store.done.size:
        return []
    names = store.plan["experiment"]["figures"] or suited(store)
    return _draw(names, answers, folder / "figures", "", language, folder)


def draw_arms(answers: Answers, folder: Path, prefix: str, language: str = "en") -> list[Path]:
    """The pictures of arms that come from no store."""
    return _draw(["effects", "cities", "map"], answers, folder, prefix, language)


def _draw(
    names: Sequence[str], answers: Answers, out: Path, prefix: str, language: str, store: Path | None = None
) -> list[Path]:
    ending = "" if language == "en" else f"_{language}"
    drawn = [(f"{name}{part}", drawing) for name in names for part, drawing in _drawings(name, store, answers)]
    return [drawing(out / f"{prefix}{name}{ending}.png", language) for name, drawing in drawn]


def suited(store: Stored) -> list[str]:
    """Names of the pictures that suit a design; those of a sensitivity analysis are drawn by it."""
    kind, axes = store.plan["design"]["kind"], store.plan["design"]["axes"]
    arms, points, _ = store.shape
    if kind == "grid" and points > 1:
        varied = len(axes) + bool(store.plan["named_arms"])
        return {1: ["lines"], 2: ["heat"]}.get(varied, [])
    return ["effects", "cities", "map"] if arms > 1 else []


def _drawings(name: str, store: Path | None, answers: Answers) -> list[tuple[str, Any]]:
    """What draws a picture of a name, once or for each metric, with what tells the files apart."""
    from sim.figures import cities, difference_map, effects, sweep
    from sim.results.sweeps import open_sweep

    metrics = list(answers.metrics)
    if name == "effects":
        return [("", lambda path, language: effects.draw(answers, path, language=language))]
    if name in ("cities", "map"):
        drawn = cities.draw if name == "cities" else difference_map.draw
        shown = [m for m in metrics if answers.metrics[m].get("over_places") != "mean"]
        return [(f"_{m}", lambda path, language, m=m: drawn(answers, path, m, language=language)) for m in shown]
    if name in ("lines", "heat") and store is not None:
        return [("", lambda path, language: sweep.draw(open_sweep(store), path, language=language))]
    return []
