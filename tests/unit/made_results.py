"""Small results of invented numbers, written by the store itself, so that tests know every value in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.simulate import Outcome
from sim.experiments.store import publish
from sim.metrics.histograms import HISTOGRAMS, Binned
from sim.metrics.recorder import Moves, metrics_of
from sim.region import Region, load_region
from sim.region.records import Target
from sim.results import Result, open_result
from sim.scenario import load
from sim.world import MOVES, TAGS

DATA = Path(__file__).parents[2] / "scenarios" / "data"
KINDS = (*MOVES, *(f"pay_{tag.name}" for tag in TAGS))

Whole = NDArray[np.int64]
Fill = Callable[[str, int, Whole], Whole]


def waves(metric: str, replicate: int, shape: Whole) -> Whole:
    """Numbers that differ by metric, replicate, month and zone, without any generator."""
    month, zone = shape
    return (len(metric) * 7 + replicate * 13 + month * (5 + zone) + zone * 11) % 23


def nothing(metric: str, replicate: int, shape: Whole) -> Whole:
    return np.zeros_like(shape[0])


def target(**changes: Any) -> Target:
    """A figure about deals in the whole of two_cities in 2013, with some of it changed."""
    base = {
        "id": "made", "fact": "T01", "title": "Deals", "metric": "deals", "places": ("ALL",), "over": "",
        "start": "2013-01", "end": "2013-12", "measure": "sum", "value": 100.0, "unit": "count",
        "rule": "within", "tolerance": 0.1, "kind": "fitted", "note": "",
    }  # fmt: skip
    return Target(**(base | changes))


def make(
    folder: Path,
    *,
    fill: Fill = waves,
    replicates: Sequence[int] = (0, 1, 2),
    targets: Sequence[Target] = (),
    end: str = "2014-06",
    scale: float = 1.0,
    seed: int = 1,
    region: Region | None = None,
    key: str = "0123456789abcdef01234567",
    title: str = "Made",
    more: Sequence[str] = (),
) -> Result:
    """Publish and open a result whose zones hold what `fill(metric, replicate, (month, zone))` says."""
    region = replace(region or load_region(DATA / "two_cities"), targets=tuple(targets))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "made.yaml"
    file.write_text(f"extends: two_cities\ntitle: '{title}'\nend: {end}\nscale: {scale}\n", encoding="utf-8")
    scenario = load(file, more)
    months = 12 * (int(end[:4]) - 2013) + int(end[5:])
    outcomes = [_outcome(region, fill, months, replicate, seed) for replicate in replicates]
    path = publish(folder / "results" / "made" / key, scenario, region, outcomes, seed=seed, command="jjj run")
    return open_result(path)


def _outcome(region: Region, fill: Fill, months: int, replicate: int, seed: int) -> Outcome:
    zones = len(region.zones)
    shape = np.indices((months, zones))
    metrics = [metric.name for metric in metrics_of(region)]
    member = (region.zones.admin[:, None] == np.arange(len(region.admins))).astype(np.int64)
    values = np.stack([fill(name, replicate, shape).astype(np.int64) for name in metrics])
    series = np.concatenate([values, values @ member, values.sum(axis=2, keepdims=True)], axis=2)
    moves = _moves(fill, months, zones, replicate)
    return Outcome(seed, replicate, tuple(metrics), KINDS, series, moves, _binned(fill, months, zones), None, 0, 0)


def _binned(fill: Fill, months: int, zones: int) -> Binned:
    """Each histogram has the same few bins in each zone at the end of each year."""
    ends = np.array([m for m in range(months) if m % 12 == 11 or m == months - 1])
    month, what, place, at = (part.ravel() for part in np.indices((ends.size, len(HISTOGRAMS), zones, 6)))
    count = fill("histograms", 0, np.stack([what + at, place + month])).astype(np.int64)
    kept = count > 0
    small = [part[kept].astype(np.int16) for part in (ends[month], what, place)]
    return Binned(*small, at[kept].astype(np.int32), count[kept])


def _moves(fill: Fill, months: int, zones: int, replicate: int) -> Moves:
    """Every kind from every zone to every zone each month; the last kind of all comes from elsewhere."""
    month, kind, origin, goal = (part.ravel() for part in np.indices((months, len(KINDS), zones, zones)))
    count = fill("moves", replicate, np.stack([month + kind, origin + goal])).astype(np.int64)
    kept = count > 0
    small = [np.asarray(part[kept], np.int16) for part in (month, kind, origin, goal)]
    return Moves(*small, count[kept], count[kept] * 1_000_003)
