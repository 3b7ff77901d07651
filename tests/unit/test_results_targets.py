"""Is every figure measured as it says, and judged by its rule alone?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_results import Whole, make, nothing, target
from scipy import stats

from sim.results import Result
from sim.results.targets import TargetResult, evaluate, longest_window, rank_agreement, table

FEATURED = "deals_brokered_*"


def one(tmp_path: Path, fill: Any = None, **changes: Any) -> tuple[Result, TargetResult]:
    scale = changes.pop("scale", 1.0)
    replicates: Sequence[int] = changes.pop("replicates", (0, 1, 2))
    made = make(
        tmp_path, targets=[target(**changes)], scale=scale, replicates=replicates, **({"fill": fill} if fill else {})
    )
    (found,) = evaluate(made)
    return made, found


def fixed(values: Sequence[float]) -> Any:
    """Deals of the first month and zone, one number a replicate; all else is 0."""

    def fill(metric: str, replicate: int, shape: Whole) -> Whole:
        here = (shape[0] == 0) & (shape[1] == 0) & (metric == "deals")
        return np.where(here, int(values[replicate]), 0)

    return fill


# ---- measures


def test_a_sum_runs_over_metrics_places_and_months(tmp_path: Path) -> None:
    made, found = one(tmp_path, metric="deals+ventures_founded", places=("UP", "harbour"))
    wanted = sum(
        made.series(metric)[:, :12, made.at(place)].sum(axis=1)
        for metric in ("deals", "ventures_founded")
        for place in ("UP", "harbour")
    )
    assert (found.values == wanted).all()
    assert found.mean == pytest.approx(wanted.mean())
    assert found.standard_error == pytest.approx(stats.sem(wanted))
    assert found.band == pytest.approx(tuple(np.quantile(wanted, (0.05, 0.95))))


def test_last_is_the_last_month(tmp_path: Path) -> None:
    made, found = one(tmp_path, metric="platform_members", measure="last")
    assert (found.values == made.series("platform_members")[:, 11, -1]).all()


def test_present_counts_the_metrics_that_occur(tmp_path: Path) -> None:
    def fill(metric: str, replicate: int, shape: Whole) -> Whole:
        wanted = metric == "deals_brokered_software" or (metric == "deals_brokered_materials" and replicate)
        return np.where((shape[0] == 3) & (shape[1] == 2), int(wanted), 0)

    rule = {"measure": "present", "value": 2, "rule": "share_of_replicates"}
    _, found = one(tmp_path, fill, metric=FEATURED, tolerance=0.6, **rule)
    assert found.values.tolist() == [1, 2, 2]
    assert found.reached == pytest.approx(2 / 3)
    assert found.holds is True
    _, stricter = one(tmp_path / "b", fill, metric=FEATURED, tolerance=0.7, **rule)
    assert stricter.holds is False


def test_a_share_is_of_the_place_over(tmp_path: Path) -> None:
    made, found = one(tmp_path, measure="share", places=("harbour",), over="LO", unit="share", rule="shown")
    flow = made.series("deals")[:, :12].sum(axis=1)
    assert found.values == pytest.approx(flow[:, made.at("harbour")] / flow[:, made.at("LO")])
    assert found.holds is None


def test_a_share_of_nothing_is_undefined_not_zero(tmp_path: Path) -> None:
    shown = {"measure": "share", "over": "LO", "unit": "share", "rule": "shown", "places": ("harbour",)}
    _, found = one(tmp_path, nothing, **shown)
    assert np.isnan(found.values).all()
    assert "undefined" in found.verdict
    assert table([found])[0]["mean"] == "-"

    def some(metric: str, replicate: int, shape: Whole) -> Whole:
        return np.full_like(shape[0], int(replicate > 0))

    _, partly = one(tmp_path / "b", some, **shown)
    assert partly.verdict == "undefined in 1 of 3 replicates"
    assert partly.mean == pytest.approx(0.5)


def test_an_order_is_kendalls_tau_with_joined_places_added(tmp_path: Path) -> None:
    places = ("lowton+harbour", "upton_core", "upton_outer")
    made, found = one(tmp_path, measure="order", places=places, unit="rank correlation", rule="shown")
    flow = made.series("deals")[:, :12].sum(axis=1)
    amounts = np.column_stack(
        [flow[:, made.at("lowton")] + flow[:, made.at("harbour")], flow[:, made.at("upton_core")],
         flow[:, made.at("upton_outer")]]
    )  # fmt: skip
    wanted = [stats.kendalltau([3, 2, 1], row).statistic for row in amounts]
    assert found.values == pytest.approx(wanted)
    assert sum(found.parts.values()) == pytest.approx(1.0)
    assert list(found.parts) == list(places)


def test_rank_agreement_is_scipys_tau_b_with_ties() -> None:
    rows = np.array([[5, 4, 3, 2, 1], [1, 2, 3, 4, 5], [2, 2, 1, 3, 3], [7, 7, 7, 1, 9]], float)
    wanted = [stats.kendalltau([5, 4, 3, 2, 1], row).statistic for row in rows]
    assert rank_agreement(rows) == pytest.approx(wanted)
    assert np.isnan(rank_agreement(np.ones((1, 4)))).all()


# ---- rules


@pytest.mark.parametrize(
    ("rule", "tolerance", "values", "holds"),
    [
        ("within", 0.1, (100, 110, 120), True),  # the mean is 110, the edge itself
        ("within", 0.1, (111, 111, 111), False),
        ("within", 0.1, (90, 90, 90), True),
        ("within", 0.1, (89, 89, 89), False),
        ("factor", 2, (200, 200, 200), True),
        ("factor", 2, (50, 50, 50), True),
        ("factor", 2, (201, 201, 201), False),
        ("factor", 2, (49, 49, 49), False),
        ("plus_minus", 2, (98, 102, 106), True),
        ("plus_minus", 2, (103, 103, 103), False),
        ("at_least", 0, (100, 100, 100), True),
        ("at_least", 0, (99, 200, 200), False),
        ("share_of_replicates", 0.66, (99, 100, 101), True),
        ("share_of_replicates", 0.67, (99, 100, 101), False),
    ],
)
def test_each_rule_at_its_edge(tmp_path: Path, rule: str, tolerance: float, values: Sequence[int], holds: bool) -> None:
    _, found = one(tmp_path, fixed(values), rule=rule, tolerance=tolerance)
    assert found.holds is holds
    assert found.verdict == ("holds" if holds else "does not hold")


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((98, 102, 107), "undecided: the mean may be 94.73 to 109.9 (90 %)"),  # 102.3 +- 2.92 x 2.60
        ((104, 106, 108), "does not hold"),  # 106 +- 2.92 x 1.155 lies above 102
        ((106, 107, 108), "does not hold"),  # 107 +- 2.92 x 0.577 lies above 102
        ((90,), "undecided: one replicate"),
        ((101,), "holds"),
    ],
)
def test_a_mean_that_misses_by_less_than_its_error_is_undecided(
    tmp_path: Path, values: Sequence[int], verdict: str
) -> None:
    numbers = range(len(values))
    _, found = one(tmp_path, fixed(values), rule="plus_minus", tolerance=2, replicates=numbers)
    assert found.verdict == verdict
    assert found.judged


def test_a_tenth_of_the_agents_is_not_judged_by_figures_of_the_whole(tmp_path: Path) -> None:
    _, found = one(tmp_path, fixed((100, 100, 100)), scale=0.1)
    assert found.holds is None
    assert found.verdict == "not judged at scale 0.1"


def test_what_the_run_does_not_cover_is_said(tmp_path: Path) -> None:
    _, late = one(tmp_path, start="2014-01", end="2014-07")
    assert late.verdict == "not covered by this run, 2013-01 to 2014-06"
    assert late.holds is None
    _, strange = one(tmp_path / "b", metric="deals+dreams", places=("ALL", "atlantis"))
    assert strange.verdict == "not in this result: dreams, atlantis"
    row = table([late])[0]
    assert (row["mean"], row["90 % band"], row["s.e."]) == ("-", "-", "-")


def test_one_replicate_has_no_standard_error(tmp_path: Path) -> None:
    _, found = one(tmp_path, fixed((100,)), replicates=(0,))
    assert np.isnan(found.standard_error)
    assert table([found])[0]["s.e."] == "-"
    assert found.holds is True


def test_the_table_says_what_is_held_against_what(tmp_path: Path) -> None:
    _, found = one(tmp_path, fixed((90, 100, 113)))
    assert table([found]) == [
        {
            "figure": "Deals", "window": "2013", "held against": "100", "mean": "101", "s.e.": "6.658",
            "90 % band": "91 to 111.7", "rule": "mean within 10 % of 100", "verdict": "holds",
            "basis": "fitted",
        }
    ]  # fmt: skip


def test_the_longest_window_that_is_covered(tmp_path: Path) -> None:
    windows = [("2013-01", "2013-12"), ("2013-02", "2014-06"), ("2013-01", "2016-12")]
    targets = [target(id=f"t{n}", start=start, end=end) for n, (start, end) in enumerate(windows)]
    assert longest_window(make(tmp_path, targets=targets)) == ("2013-02", "2014-06")
    assert longest_window(make(tmp_path / "b")) == ("2013-01", "2014-06")
