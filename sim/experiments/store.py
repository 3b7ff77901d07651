"""Where a result lives: `<out>/<name>/<key>/`, complete in itself and published atomically.

    manifest.json     what ran: software, parameters, environment, inputs with hashes, metrics, places, digest
    scenario.yaml     the resolved scenario; it reads back to itself
    series.parquet    replicate, month, place, one column per metric
    flows.parquet     replicate, month, from, to, kind, count, yuan
    books.parquet     replicate, month (the last of a year), what, from, to, yuan: flows and balances by sector
    histograms.parquet  replicate, month (the last of a year), what, place, bin, count
    travel.json       hours between zones, from which month on
    geography.json    outlines, cells and sites, so that maps need nothing else
    targets.json      figures that the result is held against
    events.parquet    single events, if they were asked for

The key is the digest of resolved scenario, seed, replicates and model source: the same request has the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from sim import __version__
from sim.build import travel_hours
from sim.core.clock import Clock
from sim.core.provenance import machine, model_source, software
from sim.core.streams import EPOCH
from sim.experiments.simulate import Outcome
from sim.metrics.books import ENTRIES
from sim.metrics.histograms import HISTOGRAMS
from sim.metrics.metric import Metric
from sim.metrics.recorder import ELSEWHERE, metrics_of, places_of
from sim.policy import LEVERS
from sim.region import Region
from sim.results.reading import seal
from sim.scenario import Scenario
from sim.scenario.schema import ScenarioDocument
from sim.store.columns import named, numbers, texts
from sim.store.publishing import published
from sim.world import MOVES, SECTORS, TAGS

FORMAT = 1
OUTLINE_KM = 0.8
"How far, about, an outline of the maps may leave the region's own."
SHRED_KM2 = 0.5


def run_key(scenario: Scenario[ScenarioDocument], seed: int, replicates: int, events: bool = False) -> str:
    """24 hexadecimal digits that name a request by its content."""
    words = (scenario.digest, str(seed), str(replicates), str(events), str(EPOCH), model_source(), str(FORMAT))
    return hashlib.blake2b("\0".join(words).encode(), digest_size=12).hexdigest()


def estimated_bytes(scenario: Scenario[ScenarioDocument], region: Region, replicates: int) -> int:
    """Upper bound of what a result takes on the disk."""
    months = Clock(scenario.document.start, scenario.document.end).months
    return replicates * months * len(places_of(region)) * len(metrics_of(region)) * 8 + 4_000_000


def publish(
    folder: Path,
    scenario: Scenario[ScenarioDocument],
    region: Region,
    outcomes: Iterable[Outcome],
    *,
    seed: int,
    command: str,
) -> Path:
    """Write a result folder; `outcomes` is consumed one at a time, in the order of the replicates.

    The map needs the region alone, so it is made while the first of them is still simulated.
    """
    clock = Clock(scenario.document.start, scenario.document.end)
    with published(folder) as scratch, ThreadPoolExecutor(1) as beside:
        outlined = beside.submit(geography, region)
        digests, gains, tables = {}, {}, _Tables(scratch, region, clock)
        for outcome in outcomes:
            tables.add(outcome)
            digests[str(outcome.replicate)] = outcome.digest
            gains[str(outcome.replicate)] = outcome.loop_gain
        tables.close()
        (scratch / "scenario.yaml").write_text(scenario.dump_yaml(), encoding="utf-8")
        _json(scratch / "geography.json", outlined.result(), compact=True)
        _json(scratch / "travel.json", _travel(scenario.document, region, clock), compact=True)
        _json(scratch / "targets.json", [asdict(t) for t in region.targets])
        files = {p.name: _hash(p) for p in sorted(scratch.iterdir())}
        manifest = _manifest(scenario, region, clock, seed, command, digests)
        manifest |= {"loop_gain": gains, "files": files, "key": folder.name}
        _json(scratch / "manifest.json", manifest | {"seal": seal(manifest)})
    return folder


def _manifest(
    scenario: Scenario[ScenarioDocument],
    region: Region,
    clock: Clock,
    seed: int,
    command: str,
    digests: dict[str, str],
) -> dict[str, Any]:
    document = scenario.document
    return {
        "format": FORMAT,
        "name": document.name,
        "title": document.title,
        "question": document.question,
        "command": command,
        "seed": seed,
        "replicates": len(digests),
        "digests": digests,
        "software": {"jjj": __version__, **software()},
        "model_source": model_source(),
        "epoch": EPOCH,
        "environment": machine(),
        "inputs": {
            "scenario_digest": scenario.digest,
            "scenario_files": [asdict(s) | {"file": Path(s.file).name} for s in scenario.sources],
            "region": region.key,
            "region_files": [asdict(f) for f in region.files],
        },
        "parameters": {path: asdict(why) for path, why in scenario.provenance.items()},
        "overrides": [str(change) for change in scenario.log],
        "sectors": list(SECTORS),
        "book_entries": list(ENTRIES),
        "scale": document.scale,
        "months": clock.labels(),
        "places": described_places(region),
        "metrics": [described_metric(m) for m in metrics_of(region)],
        "kinds": [{"name": m, "doc": "movement"} for m in MOVES]
        + [{"name": f"pay_{t.name}", "doc": f"{t.payer} pay {t.payee}: {t.doc}"} for t in TAGS],
        "levers": {key: list(lever.RESTS_ON) for key, lever in LEVERS.items()},
        "histograms": [{"name": h.name, "bins": h.bins, "reduce": h.reduce, "doc": h.doc} for h in HISTOGRAMS],
        "parks": {name: park.model_dump(mode="json") for name, park in document.parks.items()},
    }


def described_metric(metric: Metric) -> dict[str, str]:
    over_places = "mean" if metric.mean else "sum"
    return {
        "name": metric.name,
        "unit": metric.unit,
        "reduce": metric.reduce,
        "over_places": over_places,
        "doc": metric.doc,
    }


def described_places(region: Region) -> list[dict[str, Any]]:
    zones = [
        {
            "key": k,
            "kind": "zone",
            "name_en": en,
            "name_zh": zh,
            "admin": region.admins[a].key,
            "people_10k": round(float(people), 3),
            "gdp_bn": round(float(gdp), 3),
        }
        for k, en, zh, a, people, gdp in zip(
            region.zones.key,
            region.zones.name_en,
            region.zones.name_zh,
            region.zones.admin,
            region.zones.population_10k,
            region.zones.gdp_bn,
            strict=True,
        )
    ]
    admins = [
        {"key": a.key, "kind": "admin", "name_en": a.name_en, "name_zh": a.name_zh, "source": a.source}
        for a in region.admins
    ]
    whole = {"key": region.whole, "kind": "whole", "name_en": region.title_en, "name_zh": region.title_zh}
    return [*zones, *admins, whole]


def _travel(scenario: ScenarioDocument, region: Region, clock: Clock) -> list[dict[str, Any]]:
    """Hours between zones to a second, each matrix with the month from which it holds."""
    index, hours = travel_hours(scenario, region)
    first = np.flatnonzero(np.diff(index, prepend=-1))
    return [{"from": clock.label(int(m)), "hours": np.round(hours[index[m]], 4).tolist()} for m in first]


class _Tables:
    """Writes one row group a replicate, so that memory does not grow with their number."""

    def __init__(self, folder: Path, region: Region, clock: Clock) -> None:
        self.folder = folder
        self.places = texts(places_of(region))
        self.ends = texts([*region.zones.key, ELSEWHERE])
        self.months = texts(clock.labels())
        self.histograms = texts([one.name for one in HISTOGRAMS])
        self.entries, self.sectors = texts(ENTRIES), texts(SECTORS)
        self.writers: dict[str, pq.ParquetWriter] = {}

    def add(self, outcome: Outcome) -> None:
        _, months, places = outcome.series.shape
        month, place = np.divmod(np.arange(months * places), places)
        columns: dict[str, Any] = {
            "replicate": numbers(np.full(months * places, outcome.replicate, np.int32)),
            "month": named(month, self.months),
            "place": named(place, self.places),
        }
        for k, name in enumerate(outcome.metrics):
            columns[name] = numbers(outcome.series[k].reshape(-1))
        self._write("series", pa.table(columns))
        moves, kinds = outcome.moves, texts(outcome.kinds)
        self._write(
            "flows",
            pa.table(
                {
                    "replicate": numbers(np.full(moves.count.size, outcome.replicate, np.int32)),
                    "month": named(moves.month, self.months),
                    "from": named(moves.origin, self.ends),
                    "to": named(moves.target, self.ends),
                    "kind": named(moves.kind, kinds),
                    "count": numbers(moves.count),
                    "yuan": numbers(moves.yuan),
                }
            ),
        )
        binned = outcome.histograms
        self._write(
            "histograms",
            pa.table(
                {
                    "replicate": numbers(np.full(binned.count.size, outcome.replicate, np.int32)),
                    "month": named(binned.month, self.months),
                    "what": named(binned.what, self.histograms),
                    "place": named(binned.place, self.ends),
                    "bin": numbers(binned.bin),
                    "count": numbers(binned.count),
                }
            ),
        )
        if outcome.books is not None:
            booked = outcome.books
            self._write(
                "books",
                pa.table(
                    {
                        "replicate": numbers(np.full(booked.yuan.size, outcome.replicate, np.int32)),
                        "month": named(booked.month, self.months),
                        "what": named(booked.what, self.entries),
                        "from": named(booked.origin, self.sectors),
                        "to": named(booked.target, self.sectors),
                        "yuan": numbers(booked.yuan),
                    }
                ),
            )
        if outcome.events is not None:
            self._events(outcome)

    def _events(self, outcome: Outcome) -> None:
        """One row an event; what an event does not have is empty."""
        names = ("uid", "parent", "achievement", "seller", "buyer", "institute", "venture")
        rest = ("zone", "cell", "park", "field", "industry", "mode", "motive", "instead", "yuan", "brokered")
        tables = []
        for batch in outcome.events or []:
            size = len(next(v for k, v in batch.items() if k not in ("month", "event")))
            columns = {
                "replicate": numbers(np.full(size, outcome.replicate, np.int32)),
                "month": named(np.full(size, batch["month"]), self.months),
                "event": pa.array([batch["event"]] * size, pa.string()),
            }
            for name, kind in [*((n, pa.uint64()) for n in names), *((n, pa.int64()) for n in rest)]:
                values = batch.get(name)
                columns[name] = pa.nulls(size, kind) if values is None else pa.array(values).cast(kind)
            tables.append(pa.table(columns))
        self._write("events", pa.concat_tables(tables))

    def _write(self, name: str, table: pa.Table) -> None:
        if name not in self.writers:
            self.writers[name] = pq.ParquetWriter(
                self.folder / f"{name}.parquet", table.schema, compression="zstd", write_page_checksum=True
            )
        self.writers[name].write_table(table)

    def close(self) -> None:
        for writer in self.writers.values():
            writer.close()


def geography(region: Region) -> dict[str, Any]:
    """What a map needs, in kilometres on the region's equal-area projection, to 0.1 km.

    Outlines are simplified together, so that neighbours still share their borders.
    """
    grid, zones = region.grid, region.zones
    exact = [_area(o.rings) for o in region.zone_outlines]
    shapes: list[Any] = list(shapely.set_precision(shapely.coverage_simplify(exact, OUTLINE_KM), 0.1))
    home = np.array(zones.prefecture)
    parts = [[shapes[z] for z in np.flatnonzero(home == o.name)] for o in region.outlines]

    def point(lon: float, lat: float) -> list[float]:
        x, y = region.project(lon, lat)
        return [round(float(x), 1), round(float(y), 1)]

    return {
        "key": region.key,
        "title_en": region.title_en,
        "title_zh": region.title_zh,
        "attribution": region.attribution,
        "cell_km": grid.cell_km,
        "cells": {
            "zone": grid.zone.tolist(),
            "x_km": np.round(grid.x_km, 2).tolist(),
            "y_km": np.round(grid.y_km, 2).tolist(),
        },
        "outlines": [
            {"name": o.name, "rings": _rings(shapely.union_all(p, grid_size=0.1))}
            for o, p in zip(region.outlines, parts, strict=True)
        ],
        "zones": [
            {"key": k, "prefecture": p, "at": point(lon, lat), "rings": _rings(shape)}
            for k, p, lon, lat, shape in zip(
                zones.key, zones.prefecture, zones.lon, zones.lat, shapes, strict=True
            )
        ],
        "centres": [
            {"name_en": en, "name_zh": zh, "at": [round(float(x), 1), round(float(y), 1)]}
            for en, zh, x, y in region.centres
        ],
        "sites": [
            {"key": s.key, "short_en": s.short_en, "short_zh": s.short_zh, "kind": s.kind,
             "at": point(s.lon, s.lat), "opening": s.opening, "opening_kind": s.opening_kind,
             "zone": zones.key[s.zone]}
            for s in region.sites.values()
        ],
    }  # fmt: skip


def _area(rings: Iterable[Any]) -> Any:
    """The area of rings of which the inner ones are holes, in whatever order."""
    return reduce(shapely.symmetric_difference, (shapely.make_valid(shapely.Polygon(r)) for r in rings))


def _rings(shape: Any) -> list[list[list[float]]]:
    """Rings of an area, its largest part first; shreds that the grid of 0.1 km left are dropped."""
    areas = [p for p in shapely.get_parts(shape) if isinstance(p, shapely.Polygon) and p.area > SHRED_KM2]
    return [
        np.round(shapely.get_coordinates(ring), 1).tolist()
        for part in sorted(areas, key=lambda p: -p.area)
        for ring in (part.exterior, *(h for h in part.interiors if shapely.Polygon(h).area > SHRED_KM2))
    ]


def _json(path: Path, content: Any, compact: bool = False) -> None:
    """JSON to be read, or, where it is bulky, on one line without spaces."""
    layout: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 1}
    path.write_text(json.dumps(content, ensure_ascii=False, **layout) + "\n", encoding="utf-8")


def _hash(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
