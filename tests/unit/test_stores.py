"""What is run again and what is not; and a store as its user meets it: status, query, export, check, replay."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import jjj

from sim.core import provenance
from sim.errors import InputError
from sim.experiments.chunk import Chunk, perform
from sim.experiments.estimating import estimate
from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import read
from sim.experiments.plan import open_plan
from sim.experiments.replaying import replay
from sim.experiments.sweep import Tally, sweep
from sim.results.stored import newest_plan, open_store
from sim.results.tables import _cells, canonical_digest, query
from sim.store import Store
from sim.store.bundles import unpack
from tests.faults.fakes import TINY, experiment

FILES = Path(__file__).parents[1] / "files"
RISKY = "=HYPERLINK(1)"


def run(file: Path, out: Path) -> Tally:
    return sweep(file, out=out, executor=Serial(), work=TINY)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 24 runs, two arms by three points by four replicates; one arm has a name that a spreadsheet would compute."""
    folder = tmp_path_factory.mktemp("store")
    file = experiment(folder)
    file.write_text(file.read_text().replace("  other:", f"  '{RISKY}':"))
    return run(file, folder / "results").folder


@pytest.mark.parametrize(
    ("old", "new", "fresh"),
    [
        ("title: Does it matter", "# a comment\ntitle: Does it really matter", 0),
        ("scenario: two_cities", "note: words\nscenario: two_cities", 0),
        ("window: {start: 2013-01", "window: {start: 2013-02", 0),
        ("places: [LO]", "places: [ALL]", 0),
        ("replicates: 4", "replicates: 6", 12),
        ("replicates: 4", "replicates: 3", 0),
        ("[0, 12, 24]", "[24, 0, 36, 12]", 8),
        ("  one: {}", "  one: {}\n  third: {border.penalty: 1}", 12),
        ("  one: {}", "  renamed: {}", 0),
        ("border.penalty: 0.5", "border.penalty: 0.6", 12),
        ("seed: 5", "seed: 6", 24),
        ("[deals, branches_alive]", "[branches_alive, deals]", 0),
        ("[deals, branches_alive]", "[deals, ventures_alive]", 24),
    ],
)
def test_only_what_is_new_is_run(tmp_path: Path, old: str, new: str, fresh: int) -> None:
    file = experiment(tmp_path)
    assert run(file, tmp_path / "out").done == 24
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    again = run(file, tmp_path / "out")
    assert again.done == fresh
    assert open_store(again.folder).complete
    file.write_text(text)
    assert run(file, tmp_path / "out").done == 0, "the first experiment is still there"


def test_another_model_runs_all_anew_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = experiment(tmp_path)
    run(file, tmp_path / "out")
    for module in ("sim.experiments.plan", "sim.experiments.sweep"):
        monkeypatch.setattr(f"{module}.model_source", lambda: "another")
    told: list[str] = []
    again = sweep(file, out=tmp_path / "out", executor=Serial(), work=TINY, notice=told.append)
    assert again.done == 24
    assert "The model has changed" in told[0]


def test_what_keeps_and_shows_results_is_not_the_model() -> None:
    assert not {"store", "experiments", "commands", "results", "figures"} - set(provenance.NOT_THE_MODEL)
    assert provenance.SIMULATES == "experiments/simulate.py"


def test_seeds_know_nothing_of_arms_points_or_order(store: Path) -> None:
    plan = open_plan(newest_plan(Store.open(store))[0])
    assert {plan.run(index).replicate for index in range(plan.size)} == {0, 1, 2, 3}
    assert plan.content["seed"] == 5
    assert len(set(plan.keys())) == plan.size == 24


def test_one_run_of_many_can_be_computed_alone(store: Path, tmp_path: Path) -> None:
    plan = open_plan(newest_plan(Store.open(store))[0])
    alone = perform(Chunk(plan.folder, (plan.run(7),), TINY, keep=False))
    (row,) = [row for row in open_store(store).runs.to_pylist() if row["index"] == 7]
    assert (alone.rows.key, alone.rows.digest) == ([row["key"]], [row["digest"]])
    assert replay(f"{store}#7", TINY).same
    assert replay(f"{store}#{row['key'][:9]}", TINY).same
    with pytest.raises(InputError, match="no run of this name"):
        replay(f"{store}#xyz", TINY)
    assert jjj("replay", f"{store}#7") == 5, "the model itself gives other numbers than the fake one"


def test_arrays_are_in_the_order_of_the_plan(store: Path) -> None:
    found = open_store(store)
    series, numbers = found.series("deals", "ALL")
    assert series.shape == (24, 3)
    assert numbers.tolist() == list(range(24))
    assert found.arms == ["one", RISKY]
    assert found.points["platform.capacity"].tolist() == [0, 12, 24]
    whole = found.window("deals", ["LO"], ("2013-02", "2013-03"))
    local, _ = found.series("deals", "LO")
    assert (whole == local[:, 1:].sum(axis=1)).all()
    assert (
        found.window("branches_alive", ["LO"], "window").tolist()
        == found.series("branches_alive", "LO")[0][:, -1].tolist()
    )
    assert found.cube(whole).shape == (2, 3, 4)
    assert found.cube(whole)[1, 2, 3] == whole[-1]
    with pytest.raises(InputError, match="no such metric"):
        found.window("profit", ["LO"], "window")


def test_status_tells_how_far_it_is(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert jjj("status", str(store)) == 0
    told = capsys.readouterr().out
    assert "one" in told
    assert "12    0       0" in told


def test_a_query_sees_what_the_store_holds_and_nothing_else(store: Path, tmp_path: Path) -> None:
    found = open_store(store)
    names, rows = query(
        found, "SELECT arm, sum(deals) AS d FROM series WHERE place = 'ALL' GROUP BY arm ORDER BY min(\"index\")"
    )
    deals, _ = found.series("deals", "ALL")
    assert names == ["arm", "d"]
    assert rows == [("one", deals[:12].sum()), (RISKY, deals[12:].sum())]
    assert query(found, 'SELECT count(*) FROM runs WHERE "platform.capacity" = 12')[1] == [(8,)]
    for refused in (
        "DROP VIEW series", "SELECT 1; SELECT 2", f"COPY runs TO '{tmp_path}/x.csv'", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')", "INSTALL httpfs", "SET memory_limit = '1GB'", "SELEC", "",
        "ATTACH '/tmp/x.db'", "PRAGMA database_list",
    ):  # fmt: skip
        with pytest.raises(InputError):
            query(found, refused)
    assert not list(tmp_path.iterdir())


def test_exports_hold_the_same_numbers_and_no_formula(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jjj("export", str(store), "--to", str(tmp_path / "series.parquet")) == 0
    assert jjj("export", str(store), "--to", str(tmp_path / "series.csv")) == 0
    assert jjj("export", str(store), "--what", "runs", "--to", str(tmp_path / "runs.csv")) == 0
    table = pq.read_table(tmp_path / "series.parquet", use_threads=False)
    deals, _ = open_store(store).series("deals", "ALL")
    rows = [row for row in table.to_pylist() if row["place"] == "ALL"]
    assert [row["deals"] for row in rows] == deals.ravel().tolist()
    with (tmp_path / "series.csv").open(newline="") as file:
        written = [row for row in csv.DictReader(file) if row["place"] == "ALL"]
    assert [int(row["deals"]) for row in written] == deals.ravel().tolist()
    assert {row["arm"] for row in written} == {"one", f"'{RISKY}"}
    with (tmp_path / "runs.csv").open(newline="") as file:
        runs = list(csv.DictReader(file))
    assert [float(row["platform.capacity"]) for row in runs[::4]] == [0, 12, 24] * 2
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in runs for cell in row.values())
    assert jjj("export", str(store), "--to", str(tmp_path / "series.xlsx")) == 2
    assert "ending in .csv" in capsys.readouterr().err


def test_negative_numbers_stay_numbers() -> None:
    assert _cells(pa.chunked_array([pa.array([-1.5, None, float("nan")])])) == ["-1.5", "", ""]
    assert _cells(pa.chunked_array([pa.array([-3])])) == [-3]
    assert _cells(pa.chunked_array([pa.array(["-1.5", "a", "＝1"])])) == ["'-1.5", "a", "'＝1"]


def test_check_reads_stores_beside_scenarios(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert jjj("check", "two_cities", str(store)) == 0
    assert "24 runs" in capsys.readouterr().out
    part = sorted((store / "parts").iterdir())[0]
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        assert jjj("check", str(store)) == 5
        assert part.name in capsys.readouterr().err
        assert jjj("query", str(store), "SELECT sum(deals) FROM series") == 5
        assert jjj("export", str(store), "--to", str(store.parent / "x.csv")) == 5
    finally:
        part.write_bytes(whole)


def test_a_sweep_without_a_store_is_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb, *more in (["status"], ["query", "SELECT 1"], ["export", "--to", "x.csv"]):
        assert jjj(verb, str(tmp_path / "nothing"), *more) == 5
    assert "no store here" in capsys.readouterr().err


def test_a_plan_is_complete_without_its_file(store: Path) -> None:
    _, content = newest_plan(Store.open(store))
    assert content["arms"]["one"]["resolved"]["end"] == "2013-03"
    assert content["metrics"][0]["unit"]
    assert str(Path.home()) not in json.dumps(content)
    assert str(store.parent) not in json.dumps(content)


def test_an_estimate_counts_what_is_new_and_keeps_nothing(tmp_path: Path) -> None:
    file = experiment(tmp_path)
    run(file, tmp_path / "out")
    file.write_text(file.read_text().replace("replicates: 4", "replicates: 5"))
    before = sorted((tmp_path / "out").rglob("*"))
    found = estimate(read(file), tmp_path / "out", 1, TINY)
    assert (found.runs, found.kept, found.new) == (30, 24, 6)
    assert found.disk > 0
    assert np.isfinite(found.seconds)
    assert sorted((tmp_path / "out").rglob("*")) == before


def test_what_this_machine_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.experiments.estimating.memory_bytes", lambda: 1e6)
    assert jjj("sweep", str(experiment(tmp_path, 1)), "--out", str(tmp_path / "out"), "--jobs", "1", "--dry-run") == 4
    assert "of memory are needed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


OLD = {"format_1": "77a19d6fcb290341431aedc062225aa3e74d726515b82f2c25b743e00a46343d"}


@pytest.mark.parametrize("name", OLD)
def test_stores_of_every_format_that_there_was_are_read(name: str, tmp_path: Path) -> None:
    """Kept for ever: 11 runs that are done and one that failed."""
    found = open_store(unpack(FILES / "stores" / f"{name}.zip", tmp_path))
    assert canonical_digest(found) == OLD[name]
    assert found.runs["status"].to_pylist().count("failed") == 1
    assert found.points["platform.capacity"].tolist() == [0, 12, 24]
    assert "the price is -3" in found.runs["message"].to_pylist()
