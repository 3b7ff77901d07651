"""From an experiment's file through its store to effects, orders, indices and pictures, on the invented region."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from command import jjj

from sim.build import region_of
from sim.errors import InputError, RefusedError
from sim.experiments.chunk import Made
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.plan import Plan, Run, made_by
from sim.experiments.precision import Wanted, experiment_of, parse, until_precise
from sim.experiments.sensitivity import analyse
from sim.experiments.sweep import sweep
from sim.figures import style
from sim.metrics.recorder import places_of
from sim.results.answers import answers_of
from sim.results.arms import effect
from sim.results.stored import open_store
from sim.results.sweeps import open_sweep
from sim.scenario import load, region_folder

QUESTION = """\
title: Is the order of arms and axes that of the file?
scenario: two_cities
set: {end: 2013-06}
arms:
  zero: {}
  also: {border.penalty: 2}
metrics: [deals, absorption]
places: [LO, UP]
windows:
  late: {start: 2013-04, end: 2013-06}
  early: {start: 2013-01, end: 2013-03}
"""
GRID = "grid:\n  platform.capacity: [0, 12, 20]\n  location.choice.wage: [0.1, 0.9]\nreplicates: 2\n"
UNCERTAIN = """\
title: Which number matters?
scenario: two_cities
set: {end: 2013-02}
uncertainties:
  border.penalty: [0, 1]
  exchange.fit_width: [0.1, 1.1]
  exchange.price_growth: [0.0, 0.5]
design: {kind: saltelli, size: 128}
replicates: 1
metrics: [deals]
places: [LO]
window: {start: 2013-01, end: 2013-02}
"""
HERE = "test_answers"


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of few pixels."""
    monkeypatch.setattr(style, "DPI", 40)


def counted(plan: Plan, run: Run) -> Made:
    """A work of the engine that writes down where in the design it is: arm 10000s, point 100s, replicate units."""
    document = plan.arms[run.arm].document(run.values)
    number = int(10_000 * document.border.penalty + 100 * document.platform.capacity)
    number += int(10 * document.location.choice.wage) + run.replicate
    return made(plan, run, number)


def made(plan: Plan, run: Run, number: int) -> Made:
    months = plan.content["arms"][run.arm]["months"]
    series = np.zeros((len(plan.metrics), len(months), len(plan.content["places"])), np.int64)
    series[:, -1, :] = number
    return Made(series, f"{run.key}")


def ishigami(plan: Plan, run: Run) -> Made:
    """Ishigami's function of three parameters, in whole thousandths."""
    x = [2 * math.pi * (run.values[path] - low) / width - math.pi for path, low, width in (
        ("border.penalty", 0, 1), ("exchange.fit_width", 0.1, 1.0), ("exchange.price_growth", 0, 0.5))]  # fmt: skip
    value = math.sin(x[0]) + 7 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0])
    return made(plan, run, round(1000 * value) + 100_000)


def frail(plan: Plan, run: Run) -> Made:
    """The same, but one run can never be done."""
    if run.point == 7:
        raise ArithmeticError("planted")
    return ishigami(plan, run)


def once_frail(plan: Plan, run: Run) -> Made:
    """The same, but one run fails the first time."""
    mark = plan.folder / "tried"
    if run.point == 7 and not mark.exists():
        mark.touch()
        raise ArithmeticError("planted")
    return ishigami(plan, run)


def written(folder: Path, text: str) -> Path:
    file = folder / "question.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_arms_and_axes_keep_the_order_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, QUESTION + GRID)
    tally = sweep(file, out=tmp_path, executor=Serial(), work=f"{HERE}:counted")
    store = open_store(tally.folder)
    answers = answers_of(store)
    assert answers.arms == ("zero", "also") and list(answers.windows) == ["late", "early"]
    values = answers.window("deals", ["LO"], "late")
    assert values.shape == (2, 6, 2)
    for p in range(6):
        point = read(file).points.point(p)
        assert answers.points[p] == point
        low = 100 * point["platform.capacity"] + int(10 * point["location.choice.wage"])
        assert values[0, p].tolist() == [7_000 + low, 7_001 + low]
        assert values[1, p].tolist() == [20_000 + low, 20_001 + low]
    assert effect(answers, "also", "deals", ["LO"], "late").difference == 13_000
    axes = {axis.path: axis.values for axis in open_sweep(tally.folder).axes}
    assert list(axes) == ["arm", "platform.capacity", "location.choice.wage"]
    assert axes["arm"] == ("zero", "also") and axes["platform.capacity"] == (0, 12, 20)


def test_sobol_indices_of_ishigami_through_the_engine(tmp_path: Path) -> None:
    found = analyse(written(tmp_path, UNCERTAIN), executor=Serial(), out=tmp_path, work=f"{HERE}:ishigami")
    (by_width,) = found.indices.values()
    got = {i.name: i for i in by_width[1.0].indices}
    wanted = {"border.penalty": 0.5576, "exchange.fit_width": 0.4424, "exchange.price_growth": 0.2437}
    for name, total in wanted.items():
        assert got[name].total == pytest.approx(total, abs=0.08)
    assert got["exchange.price_growth"].grade == "M"


def test_grades_are_analysed_at_three_widths(tmp_path: Path) -> None:
    text = UNCERTAIN.replace("size: 128", "size: 64, groups: grade").replace("[0, 1]", "Uniform(.25, .75)")
    found = analyse(written(tmp_path, text), executor=Serial(), out=tmp_path, work=f"{HERE}:ishigami")
    (by_width,) = found.indices.values()
    assert sorted(by_width) == [0.5, 1.0, 2.0]
    assert {i.name for i in by_width[1.0].indices} == {"L", "M"}
    variances = [by_width[w].variance for w in (0.5, 1.0, 2.0)]
    assert len(set(variances)) == 3
    assert open_store(found.folder).plan["design"]["priors"]["border.penalty"]["width"] == 1.0


def test_a_run_that_fails_once_is_tried_again_and_one_that_cannot_be_done_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, UNCERTAIN.replace("128", "16"))
    said: list[str] = []
    analyse(file, executor=Serial(), out=tmp_path / "a", work=f"{HERE}:once_frail", notice=said.append)
    assert said == ["1 runs failed; they are tried once more"]
    with pytest.raises(RefusedError, match="point 7 replicate 0"):
        analyse(file, executor=Serial(), out=tmp_path / "b", work=f"{HERE}:frail")


def test_a_grid_has_no_sensitivity_analysis(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sensitivity analysis"):
        analyse(written(tmp_path, QUESTION + GRID), out=tmp_path)


def wavering(plan: Plan, run: Run) -> Made:
    """A difference of 5 with a deviation of 3 from pair to pair."""
    wave = round(3 * math.sin(12.9898 * run.replicate) * math.sqrt(2))
    return made(plan, run, 1000 + (5 + wave) * (run.arm == "other"))


def test_replicates_are_added_until_an_interval_is_as_narrow_as_asked(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("extends: two_cities\nborder: {penalty: 1}\n")
    start, end = "2013-01", "2013-02"
    asked = experiment_of(["two_cities", str(other)], ["deals"], ["LO"], ["end=2013-02"], start, end, 1)
    said: list[str] = []
    answers, tally, told = until_precise(
        asked, [parse("deals=0.5")], tmp_path, replicates=4, notice=said.append,
        overrides=["end=2013-02"], executor=Serial(), work=f"{HERE}:wavering",
    )  # fmt: skip
    assert not told and said
    found = effect(answers, "other", "deals", ["LO"], "window")
    assert (found.high - found.low) / 2 <= 0.5
    assert 80 <= found.pairs <= 300 and tally.kept >= found.pairs // 4
    *_, told = until_precise(
        asked, [parse("deals=0.001")], tmp_path, replicates=4, most=20,
        overrides=["end=2013-02"], executor=Serial(), work=f"{HERE}:wavering",
    )  # fmt: skip
    assert told and "0.001 wanted, 20 pairs" in told[0]


def test_a_precision_is_a_number_or_a_share() -> None:
    assert parse("deals=20") == Wanted("deals", 20.0, False)
    assert parse("deals=2 %") == Wanted("deals", 0.02, True)
    assert parse("deals=2%").limit(1000) == pytest.approx(20)
    for wrong in ("deals", "deals=0", "deals=x", "=3"):
        with pytest.raises(InputError, match="not a precision"):
            parse(wrong)


def test_a_store_is_compared_by_the_command_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, QUESTION + "replicates: 3\n")
    tally = sweep(file, out=tmp_path, executor=Serial())
    for language, ending in (("en", ""), ("zh", "_zh")):
        assert jjj("compare", str(tally.folder), "--lang", language) == 0
        text = capsys.readouterr().out
        assert "border.penalty" in text and "Order in deals, LO + UP, 2013-04" in text and "also" in text
        for name in ("effects", "cities_deals", "map_deals"):
            assert (tally.folder / "figures" / f"{name}{ending}.png").stat().st_size > 1000
    assert jjj("compare", str(tmp_path / "nowhere")) == 2


def test_scenarios_are_compared_with_their_order_and_pictures_in_chinese(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, penalty in (("low", 0.2), ("high", 2.0)):
        (tmp_path / f"{name}.yaml").write_text(f"extends: two_cities\nend: 2014-06\nborder: {{penalty: {penalty}}}\n")
    files = [str(tmp_path / f"{name}.yaml") for name in ("low", "high")]
    out = tmp_path / "out"
    assert jjj("compare", *files, "--replicates", "2", "--lang", "zh", "--out", str(out), "--jobs", "1") == 0
    text = capsys.readouterr().out
    assert "Order in deals, LO" in text and "low" in text and "variance saved" in text
    pictures = {path.name for path in (out / "comparisons").glob("*_zh.png")}
    assert len(pictures) == 1 + 4 + 4 + 1  # effects, cities and maps of four headlines, the pair


def test_a_sensitivity_analysis_is_told_and_drawn_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = UNCERTAIN.replace("  exchange.fit_width: [0.1, 1.1]\n", "").replace("size: 128", "size: 2, groups: grade")
    file = written(tmp_path, text.replace("replicates: 1", "replicates: 2").replace("2013-02", "2013-12"))
    assert jjj("sensitivity", str(file), "--out", str(tmp_path / "out"), "--jobs", "1") == 0
    told = capsys.readouterr().out
    assert "dummy" in told and "of the variance goes with assumed numbers alone" in told
    assert "rests on assumptions alone:" in told and "halved" in told and "doubled" in told
    assert {p.name for p in (tmp_path / "out" / "question" / "figures").glob("*")} == {"sobol.png", "evidence.png"}


def test_runs_of_machines_that_differ_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, QUESTION + "replicates: 1\n")
    sweep(file, out=tmp_path, executor=Serial(), work=f"{HERE}:counted")
    ours = made_by()["numpy"]
    monkeypatch.setitem(made_by(), "numpy", "9.9")
    file.write_text(file.read_text().replace("replicates: 1", "replicates: 2"))
    tally = sweep(file, out=tmp_path, executor=Serial(), work=f"{HERE}:counted")
    assert open_store(tally.folder).made_by == {"numpy": sorted([ours, "9.9"])}
    assert jjj("compare", str(tally.folder), "--no-figures") == 0
    assert f"not all made alike: numpy is {ours} or 9.9." in capsys.readouterr().out


def test_all_places_of_the_region_are_kept(tmp_path: Path) -> None:
    file = written(tmp_path, QUESTION + "replicates: 1\n")
    tally = sweep(file, out=tmp_path, executor=Serial(), work=f"{HERE}:counted")
    answers = answers_of(open_store(tally.folder))
    assert [p["key"] for p in answers.places] == list(places_of(region_of(region_folder(load("two_cities")))))
    assert answers.pairs == 1
    assert answers.origin == f"results/{tally.folder.name}", "a picture would tell of the folders of this machine"
