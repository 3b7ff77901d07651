"""Says what a name means: a parameter, a section or lever, or a shipped scenario."""

from __future__ import annotations

from typing import Any

from sim.core.params import GRADES
from sim.core.tables import table
from sim.core.units import UNITS
from sim.errors import Finding, InputError
from sim.scenario.library import library, region_at, regions, shipped
from sim.scenario.merging import shown_value
from sim.scenario.resolved import Scenario, plain
from sim.scenario.resolving import load
from sim.scenario.scalars import nearest
from sim.scenario.schema import Header, ScenarioDocument
from sim.scenario.shapes import Parameter, parameters, sections

DATA = "data"


def describe(name: str, schema: type[Header] = ScenarioDocument) -> str:
    """The description of a name; a parameter may be named by the end of its path."""
    declared = list(parameters(schema))
    exact = [one for one in declared if _stands_for(one.path, name)]
    if exact:
        return describe_parameter(exact[0])
    blocks = {path: (section, meaning) for path, section, meaning in sections(schema)}
    if name in blocks:
        section, meaning = blocks[name]
        below = [one for one in declared if one.path.startswith(f"{name}.")]
        summary = " ".join((section.__doc__ or "").split())
        return "\n".join([f"{name}: {meaning}", summary, "", parameter_table(below)])
    if name in shipped():
        return header(load(name)) + "\n\n" + changes(load(name))
    ends = [one for one in declared if one.path.endswith(f".{name}")]
    if ends:
        return "\n\n".join(describe_parameter(one) for one in ends)
    known = [*(one.path for one in declared), *blocks, *shipped(), DATA]
    last_parts = [path.rpartition(".")[2] for path in known]
    raise InputError(
        Finding(
            message="nothing has this name",
            found=name,
            allowed="a parameter, section, lever, scenario, process, kind of agent, metric or flow; data, or model",
            nearest=nearest(name, known) or nearest(name, last_parts),
        )
    )


def describe_parameter(one: Parameter) -> str:
    """Meaning, unit, range, default, prior, source and grade of a parameter."""
    about = one.declared
    grade = f"{about.grade} ({GRADES[about.grade]})" if about.grade in GRADES else about.grade
    unit = UNITS.get(about.unit or "")
    meaning = f"{unit.name} ({unit.meaning})" if unit and unit.meaning != unit.name else about.unit or ""
    rows = [
        ("meaning", one.meaning),
        ("takes", one.shape.in_words()),
        ("unit", meaning),
        ("range", about.range_in_words),
        ("default", "none: a scenario must say" if one.required else shown_value(plain(one.default))),
        ("prior", about.prior),
        ("source", about.source),
        ("grade", grade),
        ("note", about.note),
    ]
    return "\n".join([one.path, *(f"  {label:<8} {text}" for label, text in rows if text)])


def parameter_table(rows: list[Parameter]) -> str:
    """Parameters, one a line."""
    return table(
        [
            (
                one.path,
                "(required)" if one.required else shown_value(plain(one.default)),
                one.declared.unit or "",
                one.declared.grade,
                one.meaning,
            )
            for one in rows
        ],
        ("path", "default", "unit", "grade", "meaning"),
        widest=40,
    )


def header(scenario: Scenario[Any]) -> str:
    """What a scenario is, in a few lines."""
    document = scenario.document
    given = sum(place != "default" for place in scenario.origins.values())
    rows = [
        ("scenario", f"{document.name}: {document.title}" if document.title else document.name),
        ("question", document.question),
        ("region", document.region),
        ("months", f"{document.start} to {document.end}"),
        ("scale", f"{document.scale:g}"),
        ("tier", f"{document.tier}, dates {document.calendar}"),
        ("values", f"{given} of {len(scenario.origins)} given in {_files(scenario)}"),
        ("digest", scenario.digest[:16]),
    ]
    return "\n".join(f"{label:<9} {text}" for label, text in rows if text)


def changes(scenario: Scenario[Any]) -> str:
    """What the scenario's own file and its options changed, as `path: old -> new (file:line)`."""
    inherited = {source.file for source in scenario.sources[1:]}
    own = [str(change) for change in scenario.log if change.place.file not in inherited]
    return "\n".join(own) if own else "It changes nothing."


def describe_data(region: str) -> str:
    """What is measured, what stands for something else and what is assumed in a region's data."""
    from sim.region import load_region  # numpy and geometry, which no other description needs

    folder = region_at(region, library())
    if folder is None:
        known = regions()
        raise InputError(
            Finding(
                message="no such region",
                found=region,
                allowed=", ".join(known),
                nearest=nearest(region, known),
            )
        )
    rows = [(gap.what, str(gap.value), gap.status, gap.why) for gap in load_region(folder).gaps()]
    return table(rows, ("what", "value", "status", "why"))


def listing(kind: str, schema: type[Header] = ScenarioDocument) -> str:
    """All names of one kind, for `jjj list`."""
    match kind:
        case "scenarios":
            rows = [(name, load(name).document.title) for name in shipped()]
            return table(rows, ("scenario", "title"))
        case "regions":
            return table([(name,) for name in regions()], ("region",))
        case "sections":
            return table([(path, meaning) for path, _, meaning in sections(schema)], ("section or lever", "meaning"))
        case "parameters":
            return parameter_table(list(parameters(schema)))
        case "units":
            return table(
                [(unit.name, unit.dimension, unit.meaning) for unit in UNITS.values()],
                ("unit", "dimension", "meaning"),
            )
        case _:
            raise ValueError(kind)


def _stands_for(path: str, name: str) -> bool:
    """Whether a path is meant, `parks.binhai.open` meaning `parks.<name>.open`."""
    parts, given = path.split("."), name.split(".")
    return len(parts) == len(given) and all(a in (b, "<name>") for a, b in zip(parts, given, strict=True))


def _files(scenario: Scenario[Any]) -> str:
    return ", ".join(source.file for source in scenario.sources)
