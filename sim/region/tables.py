"""The tables of a region folder, each read and checked by one function."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.region.data import GRADES, Folder, Row
from sim.region.grid import Albers, Floats, Grid, great_circle_km, read_only
from sim.region.nodes import Node
from sim.region.problems import Problems, as_number
from sim.region.records import UNITS, Fact, Head, LateSource, Level, Prefecture, Target, Term, Total
from sim.region.travel import MODES, MONTH, Link, Rule
from sim.region.zones import KINDS, RULES, Admin, Field, Site, ZoneRule, Zones

ADMIN_KEY = re.compile(r"[A-Z][A-Z0-9]{0,7}")
SITE_KINDS = ("source", "park")
OPENINGS = ("opened", "agreement", "started", "announced", "")
FACT_ROLES = ("target", "anchor", "backtest", "input", "context")
MEASURES = ("sum", "last", "present", "share", "order")
HOLDS = ("within", "factor", "plus_minus", "share_of_replicates", "at_least", "shown")
RESPONSES = ("ratio", "log", "-log", "stock")
TERM = re.compile(
    r"(?:(?P<factor>[0-9.e+-]+) )?(?P<metric>\w+)@(?P<place>\w+) (?P<start>\d{4}-\d{2})\.\.(?P<end>\d{4}-\d{2})"
)
REQUIRED_TOTALS = (
    "staff_per_enterprise",
    "rnd_per_enterprise",
    "income_per_enterprise",
    "sales_per_manufacturer",
)


def read_head(document: Node, problems: Problems) -> Head:
    top = document.fields(("key", "title", "whole", "admins", "fields", "grid", "projection", "travel", "attribution"))
    title = top["title"].fields(("en", "zh"))
    admins = []
    for node in top["admins"].items():
        part = node.fields(("key", "en", "zh"), ("source",))
        source = part["source"].value != "" and part["source"].yes()
        admins.append(Admin(part["key"].key(ADMIN_KEY), part["en"].text(), part["zh"].text(), source))
    if sum(admin.source for admin in admins) != 1:
        top["admins"].fault("exactly one admin is the source of the flows", "`source: true` once")
    fields = []
    for node in top["fields"].items():
        part = node.fields(("key", "en", "zh"), ("featured",))
        featured = part["featured"].value == "" or part["featured"].yes()
        fields.append(Field(part["key"].key(), part["en"].text(), part["zh"].text(), featured))
    whole = top["whole"].key(ADMIN_KEY)
    for node, keys in (
        (top["admins"], [whole, *(admin.key for admin in admins)]),
        (top["fields"], [f.key for f in fields]),
    ):
        if len(set(keys)) != len(keys):
            node.fault("a key occurs twice")
    lens = top["projection"].fields(("lon0", "lat0", "lat1", "lat2"))
    rule = top["travel"].fields(("access_h", "speed_km_h", "floor_h"))
    projection = Albers(
        lens["lon0"].number(-180, 180), *(lens[name].number(1, 80) for name in ("lat0", "lat1", "lat2"))
    )
    if projection.lat1 >= projection.lat2:
        lens["lat2"].fault("the second standard parallel must lie north of the first")
    outer = Head(
        key=top["key"].key(),
        title_en=title["en"].text(),
        title_zh=title["zh"].text(),
        whole=whole,
        admins=tuple(admins),
        fields=tuple(fields),
        cell_km=top["grid"].fields(("cell_km",))["cell_km"].number(0.1, 1000),
        projection=projection,
        rule=Rule(
            rule["access_h"].number(0, 24),
            rule["speed_km_h"].number(1, 1000),
            rule["floor_h"].number(0.01, 24),
        ),
        attribution=top["attribution"].text(),
    )
    problems.stop_if_any()
    return outer


def read_prefectures(files: Folder, problems: Problems) -> dict[str, Prefecture]:
    columns = (
        "name_en", "name_zh", "lon", "lat", "gdp_bn_yuan_used", "population_10k_used", "used_grade",
        "used_note",
    )  # fmt: skip
    found: dict[str, Prefecture] = {}
    for row in files.table("prefectures.csv", columns, problems):
        name = row.filled("name_en")
        if name in found:
            row.fault("name_en", "this prefecture is listed twice")
        found[name] = Prefecture(
            name=name,
            name_zh=row.text("name_zh"),
            lon=row.number("lon", -180, 180),
            lat=row.number("lat", -90, 90),
            gdp_bn=row.number("gdp_bn_yuan_used", 0.001, 1e6),
            population_10k=row.number("population_10k_used", 0.001, 1e6),
            grade=row.choice("used_grade", GRADES, "grade"),
            note=row.text("used_note"),
        )
    return found


def read_zone_rows(
    files: Folder, head: Head, prefectures: Mapping[str, Prefecture], problems: Problems
) -> dict[str, Row]:
    columns = (
        "key", "name_en", "name_zh", "admin", "prefecture", "rule", "districts", "radius_km", "from_month",
        "lon", "lat", "lonlat_source", "population_share", "gdp_share", "gdp_share_source", "wage_factor",
        "rent_factor", "grade", "note",
    )  # fmt: skip
    found: dict[str, Row] = {}
    for row in files.table("zones.csv", columns, problems):
        key = row.key("key")
        if key in found:
            row.fault("key", "this zone is listed twice")
        found[key] = row
        row.filled("name_en")
        row.choice("admin", (admin.key for admin in head.admins), "admin")
        row.choice("prefecture", prefectures, "prefecture")
        row.choice("rule", RULES, "rule")
        row.choice("grade", GRADES, "grade")
        row.number("lon", -180, 180)
        row.number("lat", -90, 90)
        row.filled("gdp_share_source")
        for column, most in (("population_share", 1), ("gdp_share", 1), ("wage_factor", 100), ("rent_factor", 100)):
            row.number(column, 0.0001, most)
        if row.text("from_month") and not MONTH.fullmatch(row.text("from_month")):
            row.fault("from_month", "not a month", "YYYY-MM, or nothing")
    if len(found) > 1000:
        problems.add("too many zones", file=files.path("zones.csv"), allowed="at most 1000")
    problems.stop_if_any()
    for name in prefectures:
        family = [row for row in found.values() if row.text("prefecture") == name]
        rest = [row for row in family if row.text("rule") == "rest"]
        if len(rest) != 1:
            problems.add(
                "exactly one zone of a prefecture takes the rest of it",
                file=files.path("zones.csv"),
                line=family[0].line if family else 0,
                path=name,
                found=f"{len(rest)} zones with the rule rest",
            )
        for column in ("population_share", "gdp_share"):
            shares = sum(row.number(column, 0, 1) for row in family)
            if family and abs(shares - 1) > 1e-6:
                family[0].fault(column, f"the shares of {name} sum to {shares:g}", "a sum of 1")
    return found


def read_rules(
    rows: Mapping[str, Row],
    prefectures: Mapping[str, Prefecture],
    boundaries: Mapping[str, object],
    districts: Mapping[str, object],
    files: Folder,
    problems: Problems,
) -> tuple[ZoneRule, ...]:
    for name in prefectures:
        if name not in boundaries:
            problems.add("no polygon for a prefecture", file=files.path("boundaries.geojson"), found=name)
    rules = []
    for key, row in rows.items():
        rule = row.text("rule")
        names = tuple(name.strip() for name in row.text("districts").split(";") if name.strip())
        if (rule == "districts") != bool(names):
            row.fault("districts", "districts are listed if and only if the rule is `districts`")
        for name in names:
            if name not in districts:
                row.fault("districts", f"unknown district {name}", sorted(districts))
        radius = row.number("radius_km", 0.1, 1000) if rule == "radius" else 0.0
        if rule != "radius" and row.text("radius_km"):
            row.fault("radius_km", "a radius belongs to the rule `radius` only", "nothing")
        lon, lat = row.number("lon", -180, 180), row.number("lat", -90, 90)
        rules.append(ZoneRule(key, row.text("prefecture"), rule, names, radius, lon, lat))
    return tuple(rules)


def read_counts(files: Folder, rows: Mapping[str, Row], problems: Problems) -> dict[str, NDArray[np.int64]]:
    order = {key: index for index, key in enumerate(rows)}
    counts = {kind: np.zeros(len(rows), dtype=np.int64) for kind in KINDS}
    seen: set[tuple[str, str]] = set()
    for row in files.table("populations.csv", ("kind", "zone", "count", "source", "grade", "note"), problems):
        kind, zone = row.choice("kind", KINDS, "kind"), row.choice("zone", order, "zone")
        row.choice("grade", GRADES, "grade")
        row.filled("source")
        if (kind, zone) in seen:
            row.fault("zone", f"{kind} of {zone} are counted twice")
        seen.add((kind, zone))
        if kind in counts and zone in order:
            counts[kind][order[zone]] = row.whole("count", 0, 100_000_000)
    return {kind: read_only(count) for kind, count in counts.items()}


def read_zones(
    rows: Mapping[str, Row],
    head: Head,
    prefectures: Mapping[str, Prefecture],
    counts: Mapping[str, NDArray[np.int64]],
) -> Zones:
    def column(name: str) -> tuple[str, ...]:
        return tuple(row.text(name) for row in rows.values())

    def numbers(name: str) -> Floats:
        return read_only(np.array([float(text) for text in column(name)], dtype=np.float64))

    units = [prefectures[name] for name in column("prefecture")]
    gdp, people = np.array([unit.gdp_bn for unit in units]), np.array([unit.population_10k for unit in units])
    share, factor = numbers("population_share"), numbers("wage_factor")
    population = people * share
    admin_number = {admin.key: index for index, admin in enumerate(head.admins)}

    def normalised(values: Floats) -> Floats:
        return read_only(values / float(np.sum(values * population) / np.sum(population)))

    return Zones(
        key=tuple(rows),
        name_en=column("name_en"),
        name_zh=column("name_zh"),
        prefecture=column("prefecture"),
        admin=read_only(np.array([admin_number[name] for name in column("admin")], dtype=np.int8)),
        lon=numbers("lon"),
        lat=numbers("lat"),
        wage=normalised(gdp / people * factor),
        rent=normalised(gdp / people * numbers("rent_factor")),
        from_month=tuple(text or None for text in column("from_month")),
        gdp_bn=read_only(gdp * numbers("gdp_share")),
        population_10k=read_only(population),
        counts=MappingProxyType(dict(counts)),
    )


def read_links(files: Folder, zones: Zones, problems: Problems) -> tuple[Link, ...]:
    columns = ("from", "to", "minutes", "valid_from", "valid_to", "mode", "source", "grade", "note")
    links = []
    for row in files.table("travel.csv", columns, problems):
        a, b = row.choice("from", zones.key, "zone"), row.choice("to", zones.key, "zone")
        if a == b:
            row.fault("to", "a time between a zone and itself", "two different zones")
        row.filled("source")
        minutes, grade = row.number("minutes", 1, 6000), row.choice("grade", GRADES, "grade")
        starts, ends = row.date("valid_from"), row.date("valid_to")
        if starts and ends and ends < starts:
            row.fault("valid_to", "ends before it starts", f"{starts} or later, or nothing")
        mode = row.choice("mode", MODES, "mode")
        links.append(
            Link(
                a=zones.number.get(a, 0),
                b=zones.number.get(b, 0),
                minutes=minutes,
                valid_from=starts,
                valid_to=ends,
                mode=mode,
                source=row.text("source"),
                grade=grade,
                note=row.text("note"),
            )
        )
    return tuple(links)


def read_sites(files: Folder, zones: Zones, grid: Grid, problems: Problems) -> dict[str, Site]:
    columns = (
        "key", "name_en", "name_zh", "short_en", "short_zh", "kind", "zone", "lon", "lat", "precision_km",
        "opening_date", "opening_kind", "date_source", "note",
    )  # fmt: skip
    sites: dict[str, Site] = {}
    for row in files.table("sites.csv", columns, problems):
        key, zone = row.key("key"), row.choice("zone", zones.key, "zone")
        if key in sites:
            row.fault("key", "this site is listed twice")
        kind, opening_kind = (
            row.choice("kind", SITE_KINDS, "kind"),
            row.choice("opening_kind", OPENINGS, "word"),
        )
        lon, lat = row.number("lon", -180, 180), row.number("lat", -90, 90)
        precision = row.number("precision_km", 0, 100)
        if zone not in zones.number:
            continue
        cell = grid.nearest(lon, lat, zones.number[zone])
        off = float(great_circle_km(lon, lat, grid.lon[cell], grid.lat[cell]))
        if off > grid.cell_km + precision:
            row.fault("zone", f"the site lies {off:.0f} km from the nearest cell of its zone")
        sites[key] = Site(
            key=key,
            name_en=row.filled("name_en"),
            name_zh=row.text("name_zh"),
            short_en=row.filled("short_en"),
            short_zh=row.text("short_zh"),
            kind=kind,
            zone=zones.number[zone],
            cell=cell,
            lon=lon,
            lat=lat,
            precision_km=precision,
            opening=row.date("opening_date"),
            opening_kind=opening_kind,
            source=row.text("date_source"),
            note=row.text("note"),
        )
    return sites


def read_facts(files: Folder, problems: Problems) -> dict[str, Fact]:
    columns = tuple(name for name in Fact.__dataclass_fields__ if name != "number")
    facts: dict[str, Fact] = {}
    for row in files.table("facts.csv", columns, problems):
        name = row.filled("id")
        if name in facts:
            row.fault("id", "this fact is listed twice")
        row.choice("role", FACT_ROLES, "role")
        for column in ("window_start", "window_end", "published"):
            row.date(column)
        number = as_number(row.text("value"))
        facts[name] = Fact(
            number=None if math.isnan(number) else number,
            **{column: row.text(column) for column in columns},
        )
    return facts


def read_totals(files: Folder, head: Head, problems: Problems) -> dict[str, Total]:
    columns = ("key", "place", "value", "unit", "year", "source", "published", "grade", "note")
    places = (head.whole, *(admin.key for admin in head.admins))
    totals: dict[str, Total] = {}
    for row in files.table("totals.csv", columns, problems):
        key, place = row.key("key"), row.choice("place", places, "place")
        name = key if place == head.whole else f"{key}:{place}"
        if name in totals:
            row.fault("key", "this total is listed twice")
        totals[name] = Total(
            key=key,
            place=place,
            value=row.number("value", 0, 1e12),
            unit=row.choice("unit", UNITS, "unit"),
            year=row.text("year"),
            source=row.filled("source"),
            published=row.date("published") or "",
            grade=row.choice("grade", GRADES, "grade"),
            note=row.text("note"),
        )
    for name in REQUIRED_TOTALS:
        if name not in totals:
            problems.add("a total is missing", file=files.path("totals.csv"), found=name)
    return totals


def read_late_sources(files: Folder, problems: Problems) -> tuple[LateSource, ...]:
    columns = ("fact_id_or_parameter", "published", "why", "pre2017_alternative")
    if not files.has("exceptions.csv"):
        return ()
    return tuple(
        LateSource(
            row.filled("fact_id_or_parameter"),
            row.text("published"),
            row.filled("why"),
            row.filled("pre2017_alternative"),
        )
        for row in files.table("exceptions.csv", columns, problems)
    )


def read_targets(files: Folder, facts: Mapping[str, Fact], problems: Problems) -> tuple[Target, ...]:
    """Figures that results are held against; a backtest fact may not be among them (the date lock)."""
    if not files.has("targets.csv"):
        return ()
    columns = (
        "id", "fact", "title", "metric", "places", "over", "start", "end", "measure", "value", "unit", "rule",
        "tolerance", "kind", "note",
    )  # fmt: skip
    targets = []
    for row in files.table("targets.csv", columns, problems):
        fact = row.choice("fact", facts, "fact")
        if fact in facts and facts[fact].role == "backtest":
            row.fault("fact", "a backtest fact cannot be a target", "a fact of another role")
        for column in ("start", "end"):
            if not MONTH.fullmatch(row.text(column)):
                row.fault(column, "not a month", "YYYY-MM")
        targets.append(
            Target(
                id=row.key("id"),
                fact=fact,
                title=row.filled("title"),
                metric=row.filled("metric"),
                places=tuple(row.filled("places").split(";")),
                over=row.text("over"),
                start=row.text("start"),
                end=row.text("end"),
                measure=row.choice("measure", MEASURES, "measure"),
                value=row.number("value", -1e18, 1e18),
                unit=row.filled("unit"),
                rule=row.choice("rule", HOLDS, "rule"),
                tolerance=row.number("tolerance", 0, 1e18),
                kind=row.choice("kind", ("fitted", "emergent"), "kind"),
                note=row.text("note"),
            )
        )
    return tuple(targets)


def read_levels(files: Folder, problems: Problems) -> tuple[Level, ...]:
    """Scalars that `jjj levels` solves for this region's baseline; none if the region has no such table."""
    if not files.has("levels.csv"):
        return ()
    columns = ("path", "observed", "per", "wanted", "response", "how")
    return tuple(
        Level(
            path=row.filled("path"),
            observed=_terms(row, "observed"),
            per=_terms(row, "per") if row.text("per") else (),
            wanted=row.number("wanted", 1e-12, 1e18),
            response=row.choice("response", RESPONSES, "response"),
            how=row.filled("how"),
        )
        for row in files.table("levels.csv", columns, problems)
    )


def _terms(row: Row, column: str) -> tuple[Term, ...]:
    """`1e-6 metric@PLACE 2016-01..2016-07 + metric@PLACE ... - ...` as terms with signed factors."""
    terms = []
    for part in re.split(r" (?=[+-] )", row.filled(column)):
        sign = -1.0 if part.startswith("- ") else 1.0
        found = TERM.fullmatch(part.removeprefix("- ").removeprefix("+ "))
        if found is None:
            row.fault(column, f"not a term: {part}", "such as `deals@ALL 2016-01..2016-12`, joined by + and -")
            continue
        factor = sign * float(found["factor"] or 1)
        terms.append(Term(factor, found["metric"], found["place"], found["start"], found["end"]))
    return tuple(terms)
