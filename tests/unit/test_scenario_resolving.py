"""From files and options to one complete document: precedence, origins, evidence, digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imports import loaded_by
from pydantic import Field

from sim.core.params import Section
from sim.errors import Finding, InputError, word
from sim.scenario import Scenario, library, load, load_document, region_folder
from sim.scenario.library import shipped
from sim.scenario.schema import ScenarioDocument
from sim.scenario.shapes import parameters

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_precedence_from_default_to_option(write: Write) -> None:
    write("base.yaml", "border: {penalty: 1}\nscale: 0.1\n")
    write("middle.yaml", "extends: base.yaml\nborder: {penalty: 2}\n")
    file = write("top.yaml", "extends: middle.yaml\nborder: {penalty: 3}\n")
    scenario = load(file, ["border.penalty=5"], arm={"border.penalty": 4})
    assert scenario.document.border.penalty == 5
    steps = [str(change) for change in scenario.log if change.path == "border.penalty"]
    assert steps == [
        f"border.penalty: 0.7 -> 1 ({file.parent / 'base.yaml'}:1)",
        f"border.penalty: 1 -> 2 ({file.parent / 'middle.yaml'}:2)",
        f"border.penalty: 2 -> 3 ({file}:2)",
        "border.penalty: 3 -> 4 (arm border.penalty)",
        "border.penalty: 4 -> 5 (--set border.penalty)",
    ]
    assert scenario.origins["border.penalty"] == "--set border.penalty"
    assert scenario.origins["scale"] == f"{file.parent / 'base.yaml'}:2"
    assert scenario.origins["start"] == "default"


def test_words_about_a_scenario_are_not_inherited(write: Write) -> None:
    write("base.yaml", "name: base\ntitle: Base\nquestion: Why?\n")
    scenario = load(write("top.yaml", "extends: base.yaml\n"))
    assert (scenario.name, scenario.document.title, scenario.document.question) == ("top", "", "")


def test_file_without_plain_name_must_say_one(write: Write) -> None:
    with pytest.raises(InputError, match="name: missing"):
        load(write("My Scenario.yaml", "scale: 0.1\n"))
    assert load(write("My Scenario.yaml", "name: mine\n")).name == "mine"


def test_lists_are_replaced_and_named_items_laid_over(write: Write) -> None:
    write(
        "base.yaml",
        "parks: {baodi: {capacity: 1}, xiongan: {capacity: 2}}\nlocation: {branch: {exit_by_age: [0.1, 0.2]}}\n",
    )
    text = (
        "extends: base.yaml\nparks: {baodi: {subsidy: 0.3}, xiongan: null}\nlocation: {branch: {exit_by_age: [0.4]}}\n"
    )
    document = load(write("top.yaml", text)).document
    assert list(document.parks) == ["baodi"]
    assert (document.parks["baodi"].capacity, document.parks["baodi"].subsidy) == (1, 0.3)
    assert document.location.branch.exit_by_age == (0.4,)


def test_points_of_a_path_are_laid_over_by_month(write: Write) -> None:
    write("base.yaml", "decap_pressure: {2013: 0.5, 2016-01: 1.0, 2018: 1.3}\n")
    text = "extends: base.yaml\ndecap_pressure: {2013-01: 0.6, 2016: 2.0, 2018: null}\n"
    path = load(write("top.yaml", text), ["decap_pressure.2020=3"]).document.decap_pressure
    assert path.as_mapping() == {"2013-01": 0.6, "2016-01": 2.0, "2020-01": 3.0}


def test_a_source_does_not_outlive_its_value(write: Write) -> None:
    write("base.yaml", "border: {penalty: {value: 0.5, source: 'fact:A01', grade: H, note: n}}\n")
    assert load("{}".format(write("same.yaml", "extends: base.yaml\n"))).provenance["border.penalty"].grade == "H"
    for text in ("border: {penalty: 0.6}", "border: {penalty: {value: 0.6}}"):
        why = load(write("top.yaml", f"extends: base.yaml\n{text}\n")).provenance["border.penalty"]
        assert (why.source, why.grade, why.note) == ("set by top.yaml:2", "assumption", "")


def test_a_default_keeps_its_source_and_a_new_value_does_not(write: Write) -> None:
    declared = load(write("a.yaml", "scale: 1\n")).provenance["border.penalty"]
    assert "Andersson" in declared.source
    assert load(write("b.yaml", "border: {penalty: 0.7}\n")).provenance["border.penalty"] == declared
    changed = load(write("c.yaml", "scale: 1\n"), ["border.penalty=0.8"]).provenance["border.penalty"]
    assert (changed.source, changed.grade) == ("set by --set border.penalty", "assumption")


def test_digest_is_of_the_content(write: Write) -> None:
    one = load(write("one.yaml", "scale: 0.5\nborder: {penalty: 1}\nexchange: {service_mean: 3}\n"))
    same = load(
        write(
            "two.yaml",
            "title: Two\nexchange: {service_mean: 3000 k yuan}\nborder: {penalty: 1.0}\nscale: 5e-1\n",
        )
    )
    assert one.digest == same.digest
    assert one.digest != load(one.file, ["scale=0.6"]).digest
    assert len(one.digest) == 64


def test_digest_is_the_same_under_any_hash_seed_locale_and_time_zone() -> None:
    code = "from sim.scenario import load; s = load('baseline'); print(s.digest, len(s.log))"
    seen = set()
    for seed, zone in (("0", "UTC"), ("1", "America/New_York"), ("2", "Asia/Shanghai")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
        seen.add(done.stdout)
    assert len(seen) == 1


def test_sources_are_the_bytes_that_were_read(write: Write) -> None:
    base, top = write("base.yaml", "scale: 0.1\n"), write("top.yaml", "extends: base.yaml\n")
    sources = load(top).sources
    assert [source.file for source in sources] == [str(top), str(base)]
    assert [source.digest for source in sources] == [
        hashlib.blake2b(file.read_bytes(), digest_size=32).hexdigest() for file in (top, base)
    ]


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenario_loads_and_reads_back(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    copy = tmp_path / f"{name}.yaml"
    copy.write_text(scenario.dump_yaml(), encoding="utf-8")
    again = load(copy)
    assert again.digest == scenario.digest
    assert again.provenance == scenario.provenance
    assert scenario.name == name
    assert region_folder(scenario).is_dir()


def test_region_beside_the_scenario_comes_first(write: Write, tmp_path: Path) -> None:
    file = write("a.yaml", "region: two_cities\n")
    assert region_folder(load(file)) == library() / "data" / "two_cities"
    shutil.copytree(library() / "data" / "two_cities", tmp_path / "data" / "two_cities")
    assert region_folder(load(file)) == tmp_path / "data" / "two_cities"


def test_checks_can_be_added(write: Write) -> None:
    def no_penalty(scenario: Scenario) -> list[Finding]:
        return [scenario.finding("border.penalty", "no", found="x")] if scenario.document.border.penalty else []

    file = write("a.yaml", "\nborder:\n  penalty: 1\n")
    with pytest.raises(InputError) as caught:
        load(file, checks=[no_penalty])
    assert word(caught.value) == f"{file}:3:12  border.penalty: no.\n  Found: x."


class Question(Section):
    """A file of another kind."""

    title: str
    arms: dict[str, dict[str, Any]] = Field({})


def test_other_documents_are_read_alike(write: Write) -> None:
    text = "title: T\narms: {a: {scale: 1e-1, platform.date: null, border.penalty: 1 log odds}, b: {}}\n"
    question, places = load_document(write("question.yaml", text), Question)
    assert [places[one].line for one in (("title",), ("arms",))] == [1, 2]
    assert question.arms["a"] == {"scale": 0.1, "platform.date": None, "border.penalty": "1 log odds"}
    scenario = load("baseline", arm=question.arms["a"])
    assert (scenario.document.scale, scenario.document.border.penalty) == (0.1, 1.0)
    file = write("bad.yaml", "titel: T\narms: {a: &x {scale: .nan}}\n")
    with pytest.raises(InputError) as caught:
        load_document(file, Question)
    assert [finding.path for finding in caught.value.findings] == ["titel", "arms.a"]


def test_declarations_leave_the_words_of_files_free() -> None:
    paths = [one.path.split(".") for one in parameters(ScenarioDocument)]
    assert not {"value", "extends"} & {key for path in paths for key in path}


def test_loading_stays_light() -> None:
    heavy = ("numba", "scipy", "matplotlib", "mesa", "pandas", "pyarrow", "shapely")
    assert not loaded_by("import sim.scenario", *heavy)
