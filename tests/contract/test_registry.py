"""Is everything declared that has to be? Walks the lists: parameters, metrics, purposes, levers, tests, layers."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from citations import cited

import sim
from sim.build import region_of
from sim.core.clock import Clock
from sim.core.params import GRADES
from sim.core.streams import purposes
from sim.core.units import UNITS
from sim.metrics.recorder import metrics_of, places_of
from sim.month import MONTH
from sim.scenario import library
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import Parameter, parameters, shape_of
from sim.world import COUNTERS, MOVES, SECTORS, TAGS

PACKAGE = Path(sim.__file__).parent
ROOT = PACKAGE.parent
TESTS = ROOT / "tests"
REGIONS = sorted(folder for folder in (library() / "data").iterdir() if folder.is_dir())
HOME = library() / "data" / str(ScenarioDocument.model_fields["region"].default)

FAMILIES = ("research", "exchange", "location", "finance", "demography", "diffusion", "government", "links")

# -- parameters -----------------------------------------------------------------------------------------------------


def is_number(shape: Any) -> bool:
    """Whether a value of this shape is made of numbers, however deep."""
    if shape.numbers or shape.path:
        return True
    return any(is_number(shape_of(inner)) for inner in (shape.values, shape.items) if inner is not None)


NUMBERS = [one for one in parameters(ScenarioDocument) if is_number(one.shape)]


def test_there_are_numbers_of_every_shape() -> None:
    assert {"scale", "decap_pressure", "parks.<name>.capacity", "location.branch.exit_by_age", "location.choice.pull",
            "populations.absorption"} <= {one.path for one in NUMBERS}  # fmt: skip


@pytest.mark.parametrize("one", NUMBERS, ids=[one.path for one in NUMBERS])
def test_a_number_says_unit_source_and_grade(one: Parameter) -> None:
    about = one.declared
    assert about.unit in UNITS, f"{one.path}: no unit of the table: {about.unit}"
    assert about.source.strip(), one.path
    assert about.grade in GRADES, f"{one.path}: {about.grade!r}"
    assert one.meaning.strip(), f"{one.path} says nothing of what it means"
    assert cited(about.source) <= region_of(HOME).facts.keys(), f"{one.path}: {about.source}"
    assert about.grade != "H" or about.source != "assumption", f"{one.path}: grade H without a source"


@pytest.mark.parametrize("one", NUMBERS, ids=[one.path for one in NUMBERS])
def test_a_default_lies_within_its_range(one: Parameter) -> None:
    about = one.declared
    assert about.low is None or about.high is None or about.low <= about.high
    if isinstance(one.default, int | float):
        assert about.holds(one.default), f"{one.path}: {one.default}"


def test_paths_are_unique() -> None:
    paths = Counter(one.path for one in parameters(ScenarioDocument))
    assert max(paths.values()) == 1, [path for path, number in paths.items() if number > 1]


# -- metrics, counters, flows ---------------------------------------------------------------------------------------

DEMANDED = (
    "branches_opened", "branches_alive", "programmes_pledged", "programmes_pledged_yuan", "programmes_drawn_yuan",
    "achievements_born", "deals", "deals_brokered", "deals_yuan", "contracts_service", "platform_members",
    "ventures_founded",
)  # fmt: skip


@pytest.mark.parametrize("folder", REGIONS, ids=lambda folder: folder.name)
def test_metrics_say_what_they_are(folder: Path) -> None:
    region = region_of(folder)
    metrics = metrics_of(region)
    names = [metric.name for metric in metrics]
    assert len(set(names)) == len(names)
    assert set(DEMANDED) <= set(names)
    for metric in metrics:
        assert metric.unit.strip() and metric.doc.strip(), metric.name
        assert metric.reduce in ("sum", "last"), metric.name
        assert metric.name.endswith("_yuan") == (metric.unit == "yuan"), f"{metric.name} is in {metric.unit}"
    places = places_of(region)
    assert len(set(places)) == len(places)


def test_every_counter_is_a_metric() -> None:
    metrics = {metric.name for metric in metrics_of(region_of(HOME))}
    assert not set(COUNTERS) - metrics


@pytest.mark.parametrize("names", [COUNTERS, MOVES, SECTORS, [tag.name for tag in TAGS]], ids=lambda names: names[0])
def test_names_are_unique(names: list[str]) -> None:
    assert len(set(names)) == len(names)


def test_tags_say_who_pays_whom() -> None:
    for tag in TAGS:
        assert tag.doc.strip()
        for side in (tag.payer, tag.payee):
            assert {name.strip() for name in side.split(",")} <= set(SECTORS), f"{tag.name}: {side}"


# -- purposes -------------------------------------------------------------------------------------------------------


def declared_purposes() -> list[tuple[str, str]]:
    """Name and file of every `purpose("...")` in the source."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "purpose":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{file.name}: a purpose is a literal"
                found.append((str(argument.value), file.name))
    return found


def test_purposes_are_unique() -> None:
    for module in pkgutil.walk_packages([str(PACKAGE)], "sim."):
        if module.name.split(".")[1] in (
            "research",
            "exchange",
            "location",
            "finance",
            "demography",
            "agents",
            "build",
        ):
            importlib.import_module(module.name)
    names = [name for name, _ in declared_purposes()]
    assert len(set(names)) == len(names) > 40
    codes = purposes()
    assert set(names) <= codes.keys()
    assert len(set(codes.values())) == len(codes)
    assert all(name.count(".") == 1 and name.replace(".", "").replace("_", "").islower() for name in names)


def test_randomness_is_keyed_and_nothing_else() -> None:
    """No generator with a state decides anything in a run: the modules are not even imported.

    `results/` only looks back; its bootstrap resamples what is there, from a seed that is written in the file.
    """
    banned = {"random", "secrets", "uuid"}
    for file in sorted(set(PACKAGE.rglob("*.py")) - set((PACKAGE / "results").rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported = {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").split(".")[0]}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) != ("np", "random"), f"{file.name}:{node.lineno}"
                continue
            else:
                continue
            assert not imported & banned, f"{file.name}:{node.lineno}"


# -- the month ------------------------------------------------------------------------------------------------------


def test_every_process_is_in_the_month() -> None:
    """A `Process` that a file declares and the month does not list would never run."""
    listed = {id(process) for process in MONTH.processes}
    for family in FAMILIES:
        for module in pkgutil.walk_packages([str(PACKAGE / family)], f"sim.{family}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if type(value).__name__ == "Process":
                    assert id(value) in listed, f"{module.name}.{name}"


def test_months_have_an_index() -> None:
    clock = Clock("2013-01", "2030-12")
    assert clock.months == 216
    assert [clock.index(label) for label in clock.labels()] == list(range(216))


# -- tests ----------------------------------------------------------------------------------------------------------


def collected_in(file: Path) -> list[str]:
    """Names of what pytest collects in a file: functions, and methods of classes."""
    found = []
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else [node]
        found += [one.name for one in inside if isinstance(one, ast.FunctionDef) and one.name.startswith("test")]
    return found


FILES = sorted(TESTS.rglob("*.py"))


def test_every_test_file_collects_a_test() -> None:
    empty = [str(file.relative_to(ROOT)) for file in FILES if file.name.startswith("test_") and not collected_in(file)]
    assert not empty


def test_no_test_stands_where_it_is_not_collected() -> None:
    hidden = [str(file.relative_to(ROOT)) for file in FILES if not file.name.startswith("test_") and collected_in(file)]
    assert not hidden
    for file in FILES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("Test"):
                lost = [one.name for one in node.body if getattr(one, "name", "").startswith("test_")]
                assert not lost, f"{file.name}: {node.name}"


def test_no_test_hides_another_of_its_name() -> None:
    for file in FILES:
        twice = [name for name, number in Counter(collected_in(file)).items() if number > 1]
        assert not twice, f"{file.relative_to(ROOT)}: {twice}"
    stems = Counter(file.stem for file in FILES if file.name.startswith("test_"))
    assert max(stems.values()) == 1, stems.most_common(1)


# -- layers ---------------------------------------------------------------------------------------------------------


def test_families_of_processes_do_not_import_each_other() -> None:
    families = (*FAMILIES, "metrics")
    for family in families:
        for file in sorted((PACKAGE / family).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    assert node.module.split(".")[1:2] not in [[other] for other in families if other != family], (
                        f"{file.relative_to(ROOT)} imports {node.module}"
                    )


def test_layers_hold() -> None:
    """The contracts of `pyproject.toml`, where import-linter is installed."""
    pytest.importorskip("importlinter")
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"].get("importlinter")
    if configured is None:
        pytest.skip("no contracts are configured")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_parameter_is_dead() -> None:
    """A number that nothing reads would be swept over in vain."""
    declared = {PACKAGE / "parameters", PACKAGE / "scenario"}
    code = "\n".join(p.read_text() for p in PACKAGE.rglob("*.py") if p.parent not in declared)
    paths = [one.path for one in parameters(ScenarioDocument) if not one.path.startswith("systems.")]  # read as a whole
    names = {part for path in paths for part in path.split(".") if part.isidentifier()}
    unread = sorted(name for name in names if not re.search(rf"\.{name}\b", code))
    assert not unread
