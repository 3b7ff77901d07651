"""Writes a region that does not exist: a folder of data with as many administrations, zones and fields as one likes.

The land is a row of squares, one an administration, each cut into columns, one a prefecture with one zone. The first
administration is the source. Nothing in it resembles the shipped regions, so what runs on it names no place.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

NOTE = "invented"
SIDE = 0.6  # degrees: an administration's square


def write_region(
    folder: Path, key: str, zones: Sequence[int] = (1, 3, 2, 2), fields: int = 5, parks: int = 2, cell_km: int = 8
) -> Path:
    """A region with `zones[a]` zones in administration a, `fields` fields (the last one is not featured), and parks."""
    folder.mkdir(parents=True)
    places = [(a, z) for a, count in enumerate(zones) for z in range(count)]
    name = {(a, z): f"z{a}{z}" for a, z in places}
    admin = [f"A{a}" for a in range(len(zones))]

    def box(a: int, z: int) -> tuple[float, float, float, float]:
        width = SIDE / zones[a]
        west = 20.0 + a * SIDE + z * width
        return west, 40.0, west + width, 40.0 + SIDE

    def centre(a: int, z: int) -> tuple[float, float]:
        west, south, east, north = box(a, z)
        return round((west + east) / 2, 4), round((south + north) / 2, 4)

    (folder / "region.yaml").write_text(
        f"key: {key}\ntitle: {{en: Invented, zh: 虚构}}\nwhole: ALL\nadmins:\n"
        + "".join(f"  - {{key: {a}, en: {a}, zh: {a}{', source: true' if a == 'A0' else ''}}}\n" for a in admin)
        + "fields:\n"
        + "".join(
            f"  - {{key: f{f}, en: Field {f}, zh: 领域{f}{', featured: false' if f == fields - 1 else ''}}}\n"
            for f in range(fields)
        )
        + f"grid: {{cell_km: {cell_km}}}\nprojection: {{lon0: 21, lat0: 40, lat1: 39.5, lat2: 41}}\n"
        "travel: {access_h: 0.4, speed_km_h: 60, floor_h: 0.5}\nattribution: Invented data\n"
    )
    shapes = []
    for a, z in places:
        west, south, east, north = box(a, z)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        about = {"name_en": f"P{a}{z}", "name_zh": f"P{a}{z}", "source": NOTE}
        shapes.append(
            {
                "type": "Feature",
                "properties": about,
                "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
            }
        )
    for file, features in (("boundaries.geojson", shapes), ("districts.geojson", [])):
        whole = {"type": "FeatureCollection", "source": NOTE, "features": features}
        (folder / file).write_text(json.dumps(whole))
    _table(
        folder / "zones.csv",
        "key,name_en,name_zh,admin,prefecture,rule,districts,radius_km,from_month,lon,lat,lonlat_source,"
        "population_share,gdp_share,gdp_share_source,wage_factor,rent_factor,grade,note",
        (
            [name[a, z], name[a, z], name[a, z], admin[a], f"P{a}{z}", "rest", "", "", "", *centre(a, z), NOTE, 1, 1,
             NOTE, 1, 1, "assumption", NOTE]
            for a, z in places
        ),
    )  # fmt: skip
    _table(
        folder / "prefectures.csv",
        "name_en,name_zh,lon,lat,gdp_bn_yuan_used,population_10k_used,used_grade,used_note",
        ([f"P{a}{z}", f"P{a}{z}", *centre(a, z), 20 + 5 * z, 50, "assumption", NOTE] for a, z in places),
    )
    receiving = [(a, z) for a, z in places if a > 0]
    _table(
        folder / "sites.csv",
        "key,name_en,name_zh,short_en,short_zh,kind,unit,zone,lon,lat,precision_km,lonlat_source,opening_date,"
        "opening_kind,opening_note,date_source,note",
        (
            [f"p{k}", f"Park {k}", f"园{k}", f"Park {k}", f"园{k}", "park", f"P{a}{z}", name[a, z], *centre(a, z), 1,
             NOTE, "2014-03", "opened", NOTE, NOTE, NOTE]
            for k, (a, z) in enumerate(receiving[:parks])
        ),
    )  # fmt: skip
    amounts = {
        "staff_per_enterprise": (80, "persons"), "rnd_per_enterprise": (8, "m yuan"),
        "income_per_enterprise": (150, "m yuan"), "enterprise_staff": (4000, "persons"),
        "enterprise_rnd": (0.4, "bn yuan"), "enterprise_income": (7.5, "bn yuan"),
        "sales_per_manufacturer": (200, "m yuan"),
    }  # fmt: skip
    rows = [[k, "ALL", v, unit, 2016, NOTE, "", "assumption", ""] for k, (v, unit) in amounts.items()]
    for a in admin:
        rows += [
            [f"{k}_rnd", a, 0.5, "bn yuan", 2016, NOTE, "", "assumption", ""] for k in ("institutes", "universities")
        ]
    _table(folder / "totals.csv", "key,place,value,unit,year,source,published,grade,note", rows)
    _table(folder / "travel.csv", "from,to,minutes,valid_from,valid_to,mode,source,grade,note", [])
    _table(
        folder / "targets.csv",
        "id,fact,title,metric,places,over,start,end,measure,value,unit,rule,tolerance,kind,note", [],
    )  # fmt: skip
    home = name[0, 0]
    counts = [("enterprises", home, 40), ("institutes", home, 4), ("universities", home, 1)]
    counts += [("manufacturers", name[place], 12) for place in places]
    _table(folder / "populations.csv", "kind,zone,count,source,grade,note",
           ([*row, NOTE, "assumption", ""] for row in counts))  # fmt: skip
    _table(
        folder / "facts.csv",
        "id,role,quantity,value,unit,censoring,window_start,window_end,place,observable,published,source_title,"
        "source_url,note", [],
    )  # fmt: skip
    (folder / "README.md").write_text("Invented for a test.\n")
    files = sorted(file for file in folder.iterdir())
    _table(
        folder / "ORIGIN.csv", "path,origin,licence,sha256,note",
        ([file.name, NOTE, "Apache-2.0", hashlib.sha256(file.read_bytes()).hexdigest(), ""] for file in files),
    )  # fmt: skip
    return folder


def _table(file: Path, head: str, rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(head.split(","))
        writer.writerows(rows)
