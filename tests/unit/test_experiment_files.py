"""Are experiment files read whole, and is what is wrong in them shown where it stands?"""

from __future__ import annotations

from pathlib import Path

import pytest
from command import jjj

from sim.errors import InputError
from sim.experiments.experiment import Study, find, json_schema, read, shipped
from sim.scenario import library

SHIPPED = sorted((library().parent / "experiments").glob("*.yaml"))
EXPERIMENT = """\
title: Which judgement matters?
scenario: two_cities
set: {end: 2015-12}
arms:
  as it is: {}
  without: {platform.date: null}
uncertainties:
  border.penalty: prior
  platform.capacity: [5, 20]
  exchange.fit_width: wide
  location.founding.walk: Normal(.3, .1)
design: {kind: latin_hypercube, size: 5, seed: 2}
replicates: 2
metrics: [deals]
windows:
  first: {start: 2013-01, end: 2014-12}
  last: {start: 2015-01, end: 2015-12}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "question.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(written(tmp_path_factory.mktemp("files"), EXPERIMENT), ["scale=0.5"])


def test_arms_by_points_by_replicates_are_the_runs(study: Study) -> None:
    assert list(study.arms) == ["as it is", "without"]
    assert study.runs == 2 * 5 * 2
    values = study.points.point(3)
    for arm, date in (("as it is", study.arms["as it is"].document.platform.date), ("without", None)):
        document = study.scenario(arm, 3).document
        assert document.platform.date == date
        assert document.platform.capacity == values["platform.capacity"]
        assert document.exchange.fit_width == values["exchange.fit_width"]
        assert document.scale == 0.5


def test_what_is_drawn_is_what_was_written(study: Study) -> None:
    texts = {path: str(prior) for path, prior in study.points.priors.items()}
    assert texts == {
        "border.penalty": "Normal(0.7, 0.4)",
        "platform.capacity": "Uniform(5, 20)",
        "exchange.fit_width": "LogUniform(0.125, 0.5)",
        "location.founding.walk": "Normal(0.3, 0.1)",
    }
    assert list(study.experiment.all_windows) == ["first", "last"]


def test_another_width_is_that_of_judgement_alone(tmp_path: Path) -> None:
    text = EXPERIMENT.replace("  exchange.fit_width: wide\n", "  exchange.price_growth: prior\n")
    study = read(written(tmp_path, text), width=2.0)
    assert study.grades["border.penalty"] == "L" and study.grades["exchange.price_growth"] == "M"
    assert study.points.priors["border.penalty"].width == 2.0
    assert study.points.priors["exchange.price_growth"].width == 1.0


def test_an_arm_may_be_another_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: two_cities\nborder: {penalty: 1.5}\n")
    text = EXPERIMENT.replace("without: {platform.date: null}", "mine: {scenario: mine.yaml, exchange.fit_width: 0.3}")
    text = text.replace("  border.penalty: prior\n", "").replace("  exchange.fit_width: wide\n", "")
    study = read(written(tmp_path, text))
    assert study.arms["mine"].document.border.penalty == 1.5
    assert study.arms["mine"].document.exchange.fit_width == 0.3


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("border.penalty: prior", "border.penalti: prior", "8:19", "no such parameter"),
        ("border.penalty: prior", "border.penalti: prior", "8:19", 'Did you mean "border.penalty"'),
        ("platform.capacity: [5, 20]", "platform.capacity: [20, 5]", "9", "from a smaller to a larger"),
        ("exchange.fit_width: wide", "levels.reserve_price: prior", "10", "no declared prior"),
        ("walk: Normal(.3, .1)", "walk: Norml(.3, .1)", "11", "did you mean Normal"),
        ("walk: Normal(.3, .1)", "walk: Normal(.3)", "11", "takes 2 numbers"),
        ("kind: latin_hypercube", "kind: latin", "12", "latin_hypercube"),
        ("kind: latin_hypercube", "kind: grid", "8", "a grid draws nothing"),
        ("size: 5", "size: 5, groups: grade", "12", "only a saltelli design"),
        ("metrics: [deals]", "metrics: [deal]", "14:11", 'Did you mean "deals"'),
        ("platform.date: null", "platform.dat: null", "6", "platform.dat"),
        ("as it is: {}", "as it is: {scenario: nowhere}", "", "no shipped scenario"),
        ("platform.date: null", "border.penalty: 0", "8", "a draw would go over it"),
        ("replicates: 2", "replicates: 2\ncontrasts: {x: {witout: 1}}", "14", 'Did you mean "without"'),
        ("end: 2014-12", "end: 2019-12", "16", "outside the run"),
        ("set: {end: 2015-12}", "set: {end: 2015-12}\nwindows2: {}", "4:1", "unknown key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_shown_where_it_stands(tmp_path: Path, old: str, new: str, where: str, told: str) -> None:
    assert old in EXPERIMENT
    file = written(tmp_path, EXPERIMENT.replace(old, new))
    with pytest.raises(InputError) as refused:
        read(file)
    text = str(refused.value)
    assert told in text
    assert f"question.yaml:{where}" in text or not where, text


def test_an_editor_is_told_every_key_and_a_shipped_experiment_has_a_name() -> None:
    drawn = json_schema()
    assert {"title", "arms", "uncertainties", "design", "windows", "contrasts"} <= set(drawn["properties"])
    assert all("description" in about or "$ref" in str(about) for about in drawn["properties"].values())
    assert list(shipped()) == [file.stem for file in SHIPPED] and all(t.endswith("?") for t in shipped().values())
    assert find(Path("policies")) == library().parent / "experiments" / "policies.yaml"
    assert find(Path("no_such_thing")) == Path("no_such_thing")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_experiments_are_questions_that_can_be_asked(file: Path) -> None:
    study = read(file)
    assert study.experiment.title.endswith("?")
    assert study.runs > 1


def test_the_command_checks_experiments_and_scenarios_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, scenario = (tmp_path / f"{name}.yaml" for name in ("good", "bad", "scenario"))
    good.write_text(
        "title: Does it?\nscenario: two_cities\nreplicates: 3\nmetrics: [deals]\nplaces: [LO]\n"
        "window: {start: 2013-01, end: 2013-06}\narms: {one: {}, other: {border.penalty: 0}}\n",
        encoding="utf-8",
    )
    bad.write_text("title: Does it?\nscenario: two_cities\nreplicate: 3\n", encoding="utf-8")
    scenario.write_text("extends: two_cities\nmetrics: [deals]\n", encoding="utf-8")
    assert jjj("check", str(good), "two_cities") == 0
    assert f"{good}: fine (good, 6 runs)" in capsys.readouterr().out
    assert jjj("check", str(good), str(bad), str(scenario)) == 2
    told = capsys.readouterr().err
    assert f"{bad}:3:1" in told and "replicates" in told
    assert f"{scenario}:2:1" in told and "unknown key" in told
