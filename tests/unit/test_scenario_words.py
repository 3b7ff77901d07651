"""What the tool says of scenarios: descriptions, differences, timeline, starter, schema, suggestions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.core.params import Section
from sim.core.tables import table, width
from sim.errors import Finding, InputError, OutputError, word
from sim.scenario import load
from sim.scenario.comparing import as_table, diff
from sim.scenario.describing import changes, describe, listing
from sim.scenario.editors import json_schema
from sim.scenario.explaining import timeline
from sim.scenario.library import shipped
from sim.scenario.scalars import nearest
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters, sections
from sim.scenario.starter import write_starter

LEAST = Path(__file__).parents[1] / "files" / "valid" / "least.yaml"


@pytest.mark.parametrize("path", [one.path for one in parameters(ScenarioDocument)])
def test_every_parameter_is_described(path: str) -> None:
    assert describe(path).startswith(path)
    assert describe(path.replace("<name>", "binhai")).startswith(path)


@pytest.mark.parametrize("path", [path for path, _, _ in sections(ScenarioDocument)])
def test_every_section_is_described(path: str) -> None:
    assert f"\n{path}." in describe(path)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_described(name: str) -> None:
    assert f"scenario  {name}" in describe(name)


def test_description_has_all_that_a_reader_needs() -> None:
    text = describe("border.penalty")
    for part in ("log odds", "0 to 10", "0.7", "Normal(0.7, 0.4)", "Andersson", "only its sign or shape"):
        assert part in text


def test_unknown_name_is_guessed() -> None:
    with pytest.raises(InputError, match=r'Did you mean "border\.penalty"'):
        describe("border.penaltie")


@pytest.mark.parametrize("kind", ["scenarios", "regions", "sections", "parameters", "units"])
def test_lists(kind: str) -> None:
    assert len(listing(kind).splitlines()) > 2


def test_slips_of_the_hand_are_understood() -> None:
    """Every deletion, doubling, transposition and wrong letter, in every key, among its neighbours."""
    tried = found = 0
    blocks: list[type[Section]] = [
        ScenarioDocument,
        *(section for _, section, _ in sections(ScenarioDocument)),
    ]
    for section in blocks:
        keys = list(section.model_fields)
        for key in (one for one in keys if len(one) > 2):
            for at in range(len(key)):
                swapped = key[:at] + key[at + 1 : at + 2] + key[at] + key[at + 2 :]
                for typed in (
                    key[:at] + key[at + 1 :],
                    key[:at] + key[at] + key[at:],
                    swapped,
                    key[:at] + "x" + key[at + 1 :],
                ):
                    if typed not in keys:
                        tried += 1
                        found += nearest(typed, keys) == key
    assert tried > 1000
    assert found / tried >= 0.95


def test_difference_shows_values_and_units() -> None:
    a, b = (
        load(LEAST),
        load(LEAST, ["exchange.service_mean=1 bn yuan", "parks.baodi={}", "decap_pressure.2020=2"]),
    )
    rows = {row.path: (row.a, row.b, row.unit) for row in diff(a, b)}
    assert rows["exchange.service_mean"] == ("2.24", "1000", "m yuan")
    assert rows["parks.baodi"][0] == "(absent)"
    assert rows["decap_pressure.2020-01"] == ("(absent)", "2", "1")
    assert diff(a, a) == []
    assert as_table([], "a", "b") == "The two resolve to the same document."


def test_timeline_is_in_order_of_dates() -> None:
    months = [month for month, _, _ in timeline(load("baseline"))]
    dates = [month for month in months if month[:1].isdigit()]
    assert dates == sorted(dates)
    assert months[: len(months) - len(dates)] == [month for month in months if not month[:1].isdigit()]


def test_starter_is_a_good_scenario_and_is_never_overwritten(tmp_path: Path) -> None:
    file = write_starter("my_question", tmp_path)
    scenario = load(file)
    assert scenario.name == "my_question"
    assert len({row.path.split(".")[0] for row in diff(load("baseline"), scenario)}) == 3
    assert changes(scenario).count("->") >= 3
    text = file.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="there is a file of this name already"):
        write_starter("my_question", tmp_path)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["../up", "a/b", "-rf", "A", "", "x" * 65, "a\n", "é"])
def test_starter_takes_plain_names_only(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a plain name"):
        write_starter(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_starter_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_starter("a", tmp_path / "nowhere")


def test_json_schema_knows_every_key_and_form() -> None:
    drawn = json_schema()
    assert json.loads(json.dumps(drawn)) == drawn
    assert set(drawn["properties"]) == {"extends", *ScenarioDocument.model_fields}
    forms = drawn["$defs"]["Border"]["properties"]["penalty"]["anyOf"]
    assert [form["type"] for form in forms] == ["number", "string", "object"]
    assert forms[0]["maximum"] == 10
    assert re.search(forms[1]["pattern"], "0.5 log odds")
    assert not re.search(forms[1]["pattern"], "0.5 km")
    assert "required" not in drawn


def test_finding_is_worded_with_place_value_rule_and_remedy() -> None:
    full = Finding(
        file="a.yaml",
        line=14,
        column=3,
        path="x.betta",
        message="unknown key",
        found="f",
        allowed="a",
        nearest="beta",
    )
    assert str(full) == 'a.yaml:14:3  x.betta: unknown key.\n  Found: f.  Allowed: a.  Did you mean "beta"?'
    assert str(Finding(message="so")) == "so."
    assert "\x1b" not in str(Finding(message="so", found="\x1b[31m"))
    many = InputError(Finding(file="a", line=line, message="m") for line in range(200, 0, -1))
    assert word(many).startswith("a:1: m.")
    assert word(many).endswith("... and 150 more.")


def test_table_counts_what_the_eye_sees() -> None:
    assert width("京津") == 4
    lines = table([("京", "x"), ("ab", "y")], ("one", "two")).splitlines()
    assert lines == ["one  two", "---  ---", "京   x", "ab   y"]
