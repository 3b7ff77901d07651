"""Runs, sweeps and comparisons as a user meets them, on the invented region."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.errors import InputError, RefusedError
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.levels import freeze
from sim.experiments.running import run
from sim.experiments.simulate import simulate
from sim.experiments.sweep import sweep
from sim.results import Result, open_result
from sim.results.effects import effect, pair
from sim.results.stored import open_store
from sim.results.sweeps import open_sweep
from sim.scenario import load, region_folder

SHORT = {"end": "2015-12"}

EXPERIMENT = """
title: Does a higher border leave fewer deals?
scenario: two_cities
set: {end: 2015-12}
grid:
  border.penalty: [0, 2]
  platform.capacity: [0, 12]
replicates: 3
seed: 5
metrics: [deals, branches_alive]
places: [LO]
window: {start: 2014-01, end: 2015-12}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("results")
    return open_result(run(load("two_cities", SHORT), replicates=3, seed=2, jobs=1, out=out, events=True))


def test_flows_and_series_tell_the_same(result: Result) -> None:
    zones = [p["key"] for p in result.manifest["places"] if p["kind"] == "zone"]
    names = {
        "branches": "branches_opened",
        "programmes": "programmes_pledged",
        "ventures": "ventures_founded",
        "deals": "deals",
        "contracts_service": "contracts_service",
    }
    for kind, metric in names.items():
        flows = result.flows(kind)
        series = result.series(metric)
        assert series.sum() > 0, metric
        for zone in zones:
            arrived = flows["count"][flows["to"] == zone].sum()
            assert arrived == series[:, :, result.places.index(zone)].sum(), (metric, zone)


def test_places_add_up(result: Result) -> None:
    """Sums over places are exact; means over places lie between the least and the greatest of their zones."""
    places = result.manifest["places"]
    zones = [k for k, p in enumerate(places) if p["kind"] == "zone"]
    admins = [k for k, p in enumerate(places) if p["kind"] == "admin"]
    means = {metric for metric in result.metrics if result.describe(metric)["over_places"] == "mean"}
    assert means == {"absorption", "spillover", "environment"}
    for metric in result.metrics:
        values = result.series(metric)
        if metric in means:
            least, most = values[:, :, zones].min(axis=2), values[:, :, zones].max(axis=2)
            for place in (*admins, -1):
                assert (least <= values[:, :, place]).all() and (values[:, :, place] <= most).all(), metric
        else:
            assert (values[:, :, zones].sum(axis=2) == values[:, :, -1]).all(), metric
            assert (values[:, :, admins].sum(axis=2) == values[:, :, -1]).all(), metric


def test_single_events_are_those_that_were_counted(result: Result) -> None:
    events = pq.read_table(result.folder / "events.parquet").to_pylist()
    for event, metric in (("branch", "branches_opened"), ("deal", "deals"), ("venture", "ventures_founded")):
        rows = [row for row in events if row["event"] == event]
        assert len(rows) == result.series(metric)[:, :, -1].sum() > 0
    paid = sum(row["yuan"] for row in events if row["event"] == "deal")
    assert paid == result.series("deals_yuan")[:, :, -1].sum()


def test_money_flows_are_named_by_payer_and_payee(result: Result) -> None:
    kinds = {kind["name"]: kind["doc"] for kind in result.manifest["kinds"]}
    assert "pay" in kinds["pay_service"]
    service = result.flows("pay_service")
    assert service["yuan"].sum() == result.series("contracts_yuan")[:, :, -1].sum()


def test_a_scenario_that_changes_nothing_differs_by_exactly_zero(tmp_path: Path, result: Result) -> None:
    file = tmp_path / "same.yaml"
    file.write_text("extends: two_cities\nend: 2015-12\nparks:\n  harbour: {close: 2018-01}\n")
    other = open_result(run(load(file), replicates=3, seed=2, jobs=1, out=tmp_path))
    both = pair(result, other)
    for metric in both.metrics:
        assert effect(both, metric, "ALL", "2013-01", "2015-12").exactly_zero, metric


def test_a_sweep_holds_what_single_runs_give(tmp_path: Path) -> None:
    file = tmp_path / "border.yaml"
    file.write_text(EXPERIMENT)
    tally = sweep(file, out=tmp_path / "results", jobs=2)
    rows = open_store(tally.folder).runs.to_pylist()
    assert len(rows) == 4 * 3
    study = read(file)
    assert study.points.point(3) == {"border.penalty": 2, "platform.capacity": 12}
    point = study.scenario("two_cities", 3)
    alone = simulate(point.document, region_folder(point), study.experiment.seed, 2)
    (row,) = [r for r in rows if r["point"] == 3 and r["replicate"] == 2]
    assert row["outcome"] == alone.digest
    found = open_sweep(tally.folder)
    assert found.outcomes[0].values.shape == (2, 2, 3)
    months = slice(12, 36)
    deals = alone.series[alone.metrics.index("deals"), months]
    assert found.outcomes[0].values[1, 1, 2] == deals[:, open_store(tally.folder).places.index("LO")].sum()
    assert sweep(file, out=tmp_path / "results").kept == 12


def test_named_arms_are_an_axis(tmp_path: Path) -> None:
    file = tmp_path / "arms.yaml"
    grid = "grid:\n  border.penalty: [0, 2]\n  platform.capacity: [0, 12]\n"
    arms = "arms:\n  all: {}\n  none: {platform.capacity: 0, border.penalty: 1}\ngrid:\n  border.penalty: [0, 2]\n"
    file.write_text(EXPERIMENT.replace(grid, arms))
    study = read(file)
    assert list(study.arms) == ["all", "none"]
    points = [study.scenario(arm, k).document for arm in study.arms for k in range(len(study.points))]
    assert [p.platform.capacity for p in points] == [12, 12, 0, 0]
    assert [p.border.penalty for p in points] == [0, 2, 0, 2]  # an axis goes before an arm
    found = open_sweep(sweep(file, out=tmp_path / "results", executor=Serial()).folder)
    assert [axis.path for axis in found.axes] == ["arm", "border.penalty"]
    assert found.outcomes[0].values.shape == (2, 2, study.experiment.replicates)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("metrics: [deals, branches_alive]", "metrics: [deal]", "no such metric"),
        ("places: [LO]", "places: [XX]", "no such place"),
        ("end: 2015-12}\ngrid", "end: 2015-06}\ngrid", "the window lies outside the run"),
        ("border.penalty: [0, 2]", "border.penalti: [0, 2]", "penalti"),
        ("border.penalty: [0, 2]", "border.penalty: [0, -2]", "penalty"),
        ("replicates: 3", "replicate: 3", "unknown key"),
        ("  border.penalty: [0, 2]\n  platform.capacity: [0, 12]", "  {}", "grid"),
    ],
)
def test_a_wrong_experiment_is_refused_before_it_runs(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in EXPERIMENT
    file = tmp_path / "wrong.yaml"
    file.write_text(EXPERIMENT.replace(old, new))
    with pytest.raises(InputError) as refused:
        sweep(file, out=tmp_path / "results")
    assert told in str(refused.value)
    assert not (tmp_path / "results").exists()


def test_a_sweep_of_a_million_runs_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    values = ", ".join(str(k / 100) for k in range(500))
    file.write_text(
        EXPERIMENT.replace("[0, 2]", f"[{values}]")
        .replace("[0, 12]", f"[{values}]")
        .replace("replicates: 3", "replicates: 9")
    )
    with pytest.raises(RefusedError, match="2,250,000 runs"):
        sweep(file, out=tmp_path / "results")


def test_a_precision_gives_the_tables_of_a_comparison_with_that_many_replicates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("extends: two_cities\nborder: {penalty: 2}\n")

    def compared(*options: str) -> str:
        given = ["two_cities", str(other), "--set", "end=2014-12", "--metric", "deals", "--place", "LO", "--jobs", "1"]
        with pytest.raises(SystemExit) as done:
            main(["compare", *given, "--no-figures", "--out", str(tmp_path / "results"), *options])
        assert done.value.code == 0
        return capsys.readouterr().out

    precise = compared("--precision", "deals=25%", "--replicates", "4")
    (reached,) = re.findall(r"^As narrow as asked with (\d+) pairs\.\n\n", precise, re.MULTILINE)
    assert int(reached) > 4
    assert "Added and displaced" in precise
    assert precise.replace(f"As narrow as asked with {reached} pairs.\n\n", "") == compared("--replicates", reached)


@pytest.mark.parametrize("options", [["--precision", "deals=1"], ["--tiers"]])
def test_results_cannot_be_run_again_for_a_precision_or_at_other_tiers(
    result: Result, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["compare", "two_cities", str(result.folder), *options])
    assert done.value.code == 2
    assert "cannot be asked of results" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--metric", "deal"], 'Did you mean "deals"?'),
        (["--place", "XX"], "Allowed: upton_core"),
        (["--from", "2031-01"], "2031-01 to 2018-12"),
        (["--from", "2016-01", "--to", "2015-01"], "2016-01 to 2015-01"),
    ],
)
def test_what_no_run_has_is_refused_before_anything_runs(
    tmp_path: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["compare", "two_cities", "two_cities", "--out", str(tmp_path / "results"), *options])
    assert done.value.code == 2
    assert told in capsys.readouterr().err
    with pytest.raises(SystemExit) as done:
        main(["compare", "two_cities", "nowhere", "--out", str(tmp_path / "results")])
    assert done.value.code == 2
    assert not (tmp_path / "results").exists()


def test_a_run_of_a_store_is_not_asked_with_the_options_of_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "border.yaml"
    file.write_text(EXPERIMENT.replace("2015-12", "2014-01").replace("replicates: 3", "replicates: 1"))
    store = sweep(file, out=tmp_path, executor=Serial()).folder
    for options, code in ([], 0), (["--seed", "1"], 2), (["--until", "2013-06"], 2):
        with pytest.raises(SystemExit) as done:
            main(["replay", f"{store}#2", *options])
        assert done.value.code == code
    assert "already says which run it is" in capsys.readouterr().err
    with pytest.raises(SystemExit) as done:
        main(["compare", str(store), "--metric", "deal"])
    assert done.value.code == 2


def test_freezing_levels_keeps_comments_and_says_how(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("# mine\nextends: two_cities\nlevels:\n  reserve_price: 0.3  # old\nborder: {penalty: 0.5}\n")
    freeze(file, {"levels.reserve_price": (0.25, "a mean price (fact:T01)"), "parks.harbour.programmes": (0.75, "x")})
    text = file.read_text()
    assert text.startswith("# mine")
    scenario = load(file)
    assert scenario.document.levels.reserve_price == 0.25
    assert scenario.document.parks["harbour"].programmes == 0.75
    assert scenario.document.border.penalty == 0.5
    assert scenario.provenance["levels.reserve_price"].source == "level: a mean price (fact:T01)"


def test_the_key_is_the_content_of_the_request(tmp_path: Path, result: Result) -> None:
    again = run(load("two_cities", SHORT), replicates=3, seed=2, jobs=2, out=tmp_path, events=True)
    assert again.name == result.folder.name
    digests = json.loads((again / "manifest.json").read_text())["digests"]
    assert digests == result.manifest["digests"]
    assert run(load("two_cities", SHORT), replicates=1, seed=3, out=tmp_path, jobs=1).name != again.name
