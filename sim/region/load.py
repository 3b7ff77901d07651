"""A region folder read, checked and joined into one frozen object."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from sim.region.data import open_folder
from sim.region.gaps import list_gaps
from sim.region.problems import Problems
from sim.region.records import Region
from sim.region.tables import (
    read_counts,
    read_facts,
    read_head,
    read_late_sources,
    read_levels,
    read_links,
    read_prefectures,
    read_rules,
    read_sites,
    read_targets,
    read_totals,
    read_zone_rows,
    read_zones,
)
from sim.region.travel import Travel
from sim.region.zones import MAX_CELLS, cell_lattice, make_grid, outline, project_polygons


def load_region(folder: Path) -> Region:
    """Reads and checks a region folder; raises InputError with all that is wrong at its stage."""
    problems = Problems()
    files = open_folder(Path(folder), problems)
    head = read_head(files.yaml("region.yaml", problems), problems)
    prefectures = read_prefectures(files, problems)
    zone_rows = read_zone_rows(files, head, prefectures, problems)
    boundaries = files.polygons("boundaries.geojson", problems)
    districts = files.polygons("districts.geojson", problems) if files.has("districts.geojson") else {}
    facts = read_facts(files, problems)
    totals = read_totals(files, head, problems)
    late = read_late_sources(files, problems)
    targets = read_targets(files, facts, problems)
    levels = read_levels(files, problems)
    problems.stop_if_any()

    rules = read_rules(zone_rows, prefectures, boundaries, districts, files, problems)
    zones = read_zones(zone_rows, head, prefectures, read_counts(files, zone_rows, problems))
    travel = Travel(head.rule, zones.lon, zones.lat, read_links(files, zones, problems))
    problems.stop_if_any()

    shapes = project_polygons(head.projection, {name: boundaries[name] for name in prefectures})
    pieces = project_polygons(head.projection, districts)
    _, _, columns, rows = cell_lattice(shapes.values(), head.cell_km)
    if columns * rows > MAX_CELLS:
        problems.add(
            "too many cells",
            file=files.path("region.yaml"),
            path="grid.cell_km",
            found=f"{columns * rows} cells of {head.cell_km:g} km",
            allowed=f"at most {MAX_CELLS} cells",
        )
        problems.stop_if_any()
    grid = make_grid(rules, shapes, pieces, head.projection, head.cell_km)
    sites = read_sites(files, zones, grid, problems)
    problems.stop_if_any()
    return Region(
        key=head.key,
        title_en=head.title_en,
        title_zh=head.title_zh,
        whole=head.whole,
        admins=head.admins,
        fields=head.fields,
        zones=zones,
        grid=grid,
        travel=travel,
        sites=MappingProxyType(sites),
        facts=MappingProxyType(facts),
        totals=MappingProxyType(totals),
        late_sources=late,
        targets=targets,
        levels=levels,
        files=files.files,
        outlines=tuple(outline(name, shape) for name, shape in shapes.items()),
        centres=tuple(
            (unit.name, unit.name_zh, *head.projection.point(unit.lon, unit.lat)) for unit in prefectures.values()
        ),
        attribution=head.attribution,
        projection=head.projection,
        _shapes=tuple(shapes.values()),
        _rules=rules,
        _districts=MappingProxyType(pieces),
        _gaps=list_gaps(files, head, prefectures, zone_rows, totals, problems),
    )
