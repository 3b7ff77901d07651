"""The money of a result: two matrices whose rows add up to zero, and a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import cli
from sim.errors import InputError
from sim.experiments.running import run
from sim.figures import money as picture
from sim.results import Result, open_result
from sim.results.money import balance_sheet, flow_matrix, who_paid_whom, years
from sim.scenario import load


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("results")
    return open_result(
        run(load("two_cities", {"tier": "full", "end": "2015-06"}), replicates=2, seed=3, jobs=1, out=out)
    )


def test_every_row_of_both_matrices_adds_up_to_zero(result: Result) -> None:
    assert years(result) == ["2013", "2014", "2015"]
    for year in years(result):
        for matrix in (balance_sheet(result, year), flow_matrix(result, year)):
            assert not matrix.yuan.sum(axis=1).any(), matrix.title


def test_flows_of_a_year_are_the_change_of_deposits(result: Result) -> None:
    before, after = (balance_sheet(result, year) for year in ("2013", "2014"))
    at = after.rows.index("deposits")
    assert (flow_matrix(result, "2014").yuan[-1] == after.yuan[at] - before.yuan[at]).all()


def test_net_worth_is_what_is_owned_less_what_is_owed(result: Result) -> None:
    sheet = balance_sheet(result, "2014")
    assert {"deposits", "equity", "loan", "lease", "net worth"} == set(sheet.rows)
    assert np.array_equal(sheet.yuan[-1], sheet.yuan[:-1].sum(axis=0))
    assert sheet.yuan[sheet.rows.index("loan"), sheet.sectors.index("banks")] > 0


def test_payments_are_those_of_the_flows(result: Result) -> None:
    """From zone to zone or from sector to sector: the same sums."""
    month = range(result.month("2014-01"), result.month("2014-12") + 1)
    flows = result.flows("pay_interest")
    by_place = flows["yuan"][np.isin(flows["month"], month)].sum()
    assert by_place == result.books("2014-12", "pay_interest").sum() > 0
    paid = who_paid_whom(result, "2014")
    assert paid[result.sectors.index("manufacturers"), result.sectors.index("banks")] > 0


def test_a_year_that_is_not_there_is_named(result: Result) -> None:
    with pytest.raises(InputError, match="2013, 2014, 2015"):
        balance_sheet(result, "2020")


def test_the_command_prints_both_matrices_and_draws(result: Result) -> None:
    done = CliRunner().invoke(cli, ["money", str(result.folder), "--year", "2014"])
    assert done.exit_code == 0, done.output
    for words in ("Balance sheet at the end of 2014", "Flows of 2014", "net worth", "change of deposits", "interest"):
        assert words in done.output
    drawn = Path(done.output.strip().splitlines()[-1])
    assert drawn.name == "money_2014.png" and drawn.stat().st_size > 10_000


def test_the_same_picture_twice(result: Result, tmp_path: Path) -> None:
    one, two = (picture.draw(result, tmp_path / f"{k}.png", "2014").read_bytes() for k in (1, 2))
    assert one == two
