"""The table of what is measured, proxied and assumed, drawn from the grades that every value carries."""

from __future__ import annotations

from collections.abc import Mapping

from sim.region.data import Folder, Row
from sim.region.problems import Problems
from sim.region.records import Gap, Head, Prefecture, Total

STATUS = {"H": "measured", "M": "proxied", "L": "assumed", "assumption": "assumed"}


def list_gaps(
    files: Folder,
    head: Head,
    prefectures: Mapping[str, Prefecture],
    zones: Mapping[str, Row],
    totals: Mapping[str, Total],
    problems: Problems,
) -> tuple[Gap, ...]:
    gaps = []
    for row in files.table("populations.csv", ("kind", "zone", "count", "grade", "source", "note"), problems):
        why = ": ".join(part for part in (row.text("source"), row.text("note")) if part)
        what = f"{row.text('kind')} in {row.text('zone')}"
        gaps.append(Gap(what, row.text("count"), STATUS[row.text("grade")], why))
    for total in totals.values():
        what = f"{total.key} of {total.place}"
        gaps.append(Gap(what, f"{total.value:g} {total.unit}", STATUS[total.grade], f"{total.source}: {total.note}"))
    for unit in prefectures.values():
        value = f"{unit.gdp_bn:g} bn yuan, {unit.population_10k:g} x 10,000 people"
        gaps.append(Gap(f"GDP and population of {unit.name}", value, STATUS[unit.grade], unit.note))
    for key, row in zones.items():
        gaps.append(Gap(f"centre of {key}", f"{row.text('lon')} E {row.text('lat')} N",
                        "assumed" if "assumption" in row.text("lonlat_source") else "measured",
                        row.text("lonlat_source")))  # fmt: skip
        if row.text("rule") != "rest" or float(row.text("population_share")) < 1:
            value = f"people {row.text('population_share')}, GDP {row.text('gdp_share')}, "
            value += f"wage x {row.text('wage_factor')}, "
            value += f"rent x {row.text('rent_factor')}"
            gaps.append(Gap(f"part of {key} in its prefecture", value, STATUS[row.text("grade")], row.text("note")))
    gaps.append(
        Gap(
            "wages and rents of zones",
            "population-weighted mean 1",
            "proxied",
            "GDP per head: no zone data found",
        )
    )
    rule = head.rule
    value = f"max({rule.floor_h:g}, {rule.access_h:g} + km/{rule.speed_km_h:g}) h"
    gaps.append(Gap("hours between zones without a sourced time", value, "assumed", "rule of distance"))
    for row in files.table("travel.csv", ("from", "to", "minutes", "grade", "source", "note"), problems):
        span = f"{row.text('valid_from') or 'always'} to {row.text('valid_to') or 'now'}"
        gaps.append(
            Gap(
                f"{row.text('mode')} {row.text('from')} - {row.text('to')}, {span}",
                f"{row.text('minutes')} min",
                STATUS[row.text("grade")],
                ": ".join(part for part in (row.text("source"), row.text("note")) if part),
            )
        )
    return tuple(gaps)
