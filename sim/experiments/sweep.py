"""A first sweep: a grid of values over one scenario, with replicates, on all cores.

Every point shares its seeds with every other one, so that differences between points are caused by the points.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim import __version__
from sim.build import region_of
from sim.core.clock import Clock
from sim.core.provenance import machine, model_source, software
from sim.experiments.experiment import Experiment, Point, axes_of, read
from sim.experiments.publishing import check_writable, published
from sim.experiments.runner import Task, run_all
from sim.metrics.recorder import metrics_of, places_of
from sim.scenario import refuse_if_impossible, region_folder


def sweep(
    file: Path,
    *,
    out: Path = Path("results"),
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Run an experiment and return its folder: manifest.json, and runs.parquet with one row a point and replicate."""
    experiment, points = read(file)
    for point in points:
        refuse_if_impossible(point.scenario)
    folder = out / file.stem / _key(experiment, points)
    if (folder / "manifest.json").is_file():
        return folder
    check_writable(folder.parent)
    region = region_of(region_folder(points[0].scenario))
    places = experiment.places or tuple(a.key for a in region.admins if not a.source)
    tasks = [
        Task(str(k), point.scenario.document, region_folder(point.scenario), experiment.seed, replicate)
        for k, point in enumerate(points)
        for replicate in range(experiment.replicates)
    ]
    done = 0

    def count(task: Task) -> None:
        nonlocal done
        done += 1
        progress(done, len(tasks))

    metrics = {m.name: (k, m) for k, m in enumerate(metrics_of(region))}
    at = [places_of(region).index(place) for place in places]
    rows: list[dict[str, Any]] = []
    for task, outcome in run_all(tasks, jobs, count):
        clock = Clock(task.scenario.start, task.scenario.end)
        first, last = clock.index(experiment.window.start), clock.index(experiment.window.end)
        row: dict[str, Any] = {"point": int(task.arm), "replicate": task.replicate, "digest": outcome.digest}
        for name in experiment.metrics:
            k, metric = metrics[name]
            months = slice(first, last + 1) if metric.reduce == "sum" else slice(last, last + 1)
            row[name] = int(outcome.series[k, months][:, at].sum())
        rows.append(row)
    with published(folder) as scratch:
        pq.write_table(pa.Table.from_pylist(rows), scratch / "runs.parquet", write_page_checksum=True)
        manifest = {
            "kind": "sweep",
            "name": file.stem,
            "key": folder.name,
            "experiment": experiment.model_dump(mode="json"),
            "axes": axes_of(experiment),
            "places": list(places),
            "points": [{"values": p.values, "scenario_digest": p.scenario.digest} for p in points],
            "metrics": [{"name": n, "unit": metrics[n][1].unit, "doc": metrics[n][1].doc} for n in experiment.metrics],
            "software": {"jjj": __version__, **software()},
            "model_source": model_source(),
            "environment": machine(),
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def _key(experiment: Experiment, points: list[Point]) -> str:
    words = [p.scenario.digest for p in points] + [
        str(experiment.replicates), str(experiment.seed), repr(experiment.metrics), repr(experiment.places),
        repr(experiment.window), model_source(),
    ]  # fmt: skip
    return hashlib.blake2b("\0".join(words).encode(), digest_size=12).hexdigest()
