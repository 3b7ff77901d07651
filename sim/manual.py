"""The model's text and its lists: kinds, the month, parameters, flows, metrics, all from their declarations.

`MODEL.md` ends with the lists, between two marks; `python -m tests.manual` renews them and a test holds them there, so
that the text can miss nothing that the program has. `jjj describe NAME` prints one entry of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.core.columns import Column
from sim.core.schedule import Process
from sim.core.tables import table
from sim.metrics.metric import Metric
from sim.metrics.recorder import metrics_of
from sim.month import MONTH
from sim.region import load_region
from sim.scenario import library
from sim.scenario.merging import shown_value
from sim.scenario.resolved import plain
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters
from sim.views import AGENTS, THINGS
from sim.world import TAGS, World

TEXT = Path(__file__).with_name("MODEL.md")
BEGIN = "<!-- lists: from the declarations; `python -m tests.manual` renews them -->"
END = "<!-- end of the lists -->"

KINDS: Mapping[str, type] = {**AGENTS, **THINGS}


def model_text() -> str:
    """The whole description of the model, as it ships."""
    return TEXT.read_text(encoding="utf-8")


def entry(name: str) -> str | None:
    """What the lists say under a name; None if it is none of theirs."""
    told = [_process(process) for process in MONTH.processes if process.name == name]
    if name in KINDS:
        rows = [(column, declared.unit, declared.doc) for column, declared in _columns(name).items()]
        told.append(f"{name}: {_said(KINDS[name])}\n\n" + table(rows, ("column", "unit", "what")))
    told += [_metric(metric) for metric in _metrics() if metric.name == name]
    told += [f"{name}: a flow of money\n  {t.payer} pay {t.payee}: {t.doc}" for t in TAGS if t.name == name]
    return "\n\n".join(told) or None


def names() -> list[str]:
    """What `entry` knows."""
    lists = (MONTH.processes, _metrics(), TAGS)
    return [*KINDS, *(one.name for listed in lists for one in listed)]


def _metrics() -> Sequence[Metric]:
    region = load_region(library() / "data" / str(ScenarioDocument.model_fields["region"].default))
    return metrics_of(region)


def _metric(metric: Metric) -> str:
    over_months = "added up" if metric.reduce == "sum" else "the last one counts"
    over_zones = "mean, weighed by people" if metric.mean else "added up"
    rows = (("what", metric.doc), ("unit", metric.unit), ("months", over_months), ("zones", over_zones))
    return "\n".join([f"{metric.name}: a metric", *(f"  {label:<7} {text}" for label, text in rows)])


def lists() -> str:
    """All lists as Markdown."""
    kinds = [(f"`{name}`", _said(kind), ", ".join(f"`{c}`" for c in _columns(name))) for name, kind in KINDS.items()]
    columns = [
        (f"`{name}.{column}`", declared.unit, declared.doc)
        for name in dict.fromkeys(kind.population for kind in KINDS.values())  # type: ignore[attr-defined]
        for column, declared in _population(name).items()
    ]
    month = [(p.phase, f"`{p.name}`", p.system, p.tier, p.doc) for p in MONTH.processes]
    numbers = [
        (f"`{one.path}`", one.meaning, one.declared.unit or "", shown_value(plain(one.default)),
         one.declared.grade or "", one.declared.source or "")
        for one in parameters(ScenarioDocument)
    ]  # fmt: skip
    flows = [(f"`{tag.name}`", tag.payer, tag.payee, tag.doc) for tag in TAGS]
    metrics = [(f"`{m.name}`", m.unit, m.reduce, m.doc) for m in _metrics()]
    parts = (
        ("Kinds of agents and things", ("kind", "what", "state"), kinds),
        ("State variables", ("column", "unit", "what"), columns),
        ("The month", ("phase", "process", "system", "tier", "what happens"), month),
        ("Flows of money", ("tag", "payer", "payee", "what"), flows),
        ("Metrics", ("metric", "unit", "over months", "what"), metrics),
        ("Parameters", ("path", "meaning", "unit", "default", "grade", "source"), numbers),
    )
    return "\n\n".join(f"### {title}\n\n{_markdown(head, rows)}" for title, head, rows in parts)


def renewed(text: str) -> str:
    """The description with its lists as the declarations are now; ValueError if it has no marks for them."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("MODEL.md has lost the marks between which its lists stand")
    return f"{before}{BEGIN}\n\n{lists()}\n\n{END}{after}"


def _process(process: Process[World]) -> str:
    rows = [
        ("what", process.doc), ("phase", process.phase), ("system", process.system), ("tier", process.tier),
        ("reads", ", ".join(process.reads)), ("writes", ", ".join(process.writes)),
    ]  # fmt: skip
    return "\n".join([process.name, *(f"  {label:<7} {text}" for label, text in rows if text)])


def _said(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _columns(name: str) -> Mapping[str, Column]:
    return _population(KINDS[name].population)  # type: ignore[attr-defined]


def _population(name: str) -> Mapping[str, Column]:
    from importlib import import_module

    return dict(import_module(f"sim.agents.{name}").COLUMNS)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
