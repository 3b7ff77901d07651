"""Does sim/MODEL.md tell all that the program has, and does `jjj describe` tell the same?"""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from sim.cli import cli
from sim.manual import BEGIN, END, KINDS, TEXT, entry, lists, model_text, names, renewed
from sim.month import MONTH
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

# The seven elements of ODD (Grimm et al. 2020) and its design concepts.
ELEMENTS = (
    "Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling",
    "Design concepts", "Initialization", "Input data", "Submodels",
)  # fmt: skip
CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction",
    "Stochasticity", "Collectives", "Observation",
)  # fmt: skip


def prose() -> str:
    return model_text().partition(BEGIN)[0]


def test_the_lists_are_those_of_the_declarations() -> None:
    text = model_text()
    assert renewed(text) == text, "run `python -m tests.manual` and read what it changed"


def test_the_lists_hold_every_parameter_process_and_kind() -> None:
    inside = model_text().partition(BEGIN)[2].partition(END)[0]
    for path in [one.path for one in parameters(ScenarioDocument)]:
        assert f"| `{path}` |" in inside, path
    for process in MONTH.processes:
        assert f"| `{process.name}` |" in inside, process.name
    for kind in KINDS:
        assert f"| `{kind}` |" in inside, kind


@pytest.mark.parametrize("title", ELEMENTS)
def test_every_element_of_odd_is_there_in_its_order(title: str) -> None:
    heads = re.findall(r"^## \d+\. (.+)$", prose(), re.MULTILINE)
    assert heads[: len(ELEMENTS)] == list(ELEMENTS)
    body = prose().split(f". {title}\n")[1].split("\n## ")[0]
    assert len(body.split()) > 60, f"{title} says next to nothing"


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_design_concept_is_treated(concept: str) -> None:
    assert f"**{concept}.**" in prose()


def test_equations_are_numbered_once_and_cited_from_code() -> None:
    numbers = [int(n) for n in re.findall(r"^\*\*\((\d+)\)", prose(), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    code = "\n".join(p.read_text(encoding="utf-8") for p in TEXT.parent.rglob("*.py"))
    cited = {int(n) for n in re.findall(r"MODEL\.md, \((\d+)\)", code)}
    assert cited == set(numbers), f"not cited: {set(numbers) - cited}; not there: {cited - set(numbers)}"


@pytest.mark.parametrize("name", ["market", "licences", "model"])
def test_describe_prints_the_same(name: str) -> None:
    done = CliRunner().invoke(cli, ["describe", name])
    assert done.exit_code == 0, done.output
    expected = model_text() if name == "model" else entry(name)
    assert done.output.strip() == (expected or "").strip()


def test_a_name_that_nothing_has_is_refused_with_the_nearest() -> None:
    from sim.errors import InputError

    done = CliRunner().invoke(cli, ["describe", "markett"])
    assert isinstance(done.exception, InputError)
    assert 'Did you mean "market"' in str(done.exception)


def test_a_missing_process_is_noticed() -> None:
    text = model_text()
    without = "\n".join(line for line in text.splitlines() if f"| `{MONTH.processes[0].name}` |" not in line)
    assert renewed(without + "\n") != without + "\n"
    assert MONTH.processes[0].name in lists() and set(names()) >= set(KINDS)
