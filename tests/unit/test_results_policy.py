"""Do policy tables add up, know displacement from addition, and name a price only where there is one?"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from made_results import Whole, make, nothing
from scipy.special import stdtrit

from sim.results import Result, indicators, policy
from sim.results.effects import Effect, Pair, pair
from sim.results.statistics import theil
from sim.results.tiers import table, verdict

FOUR = range(4)
UPTON, LOWTON, HARBOUR = 0, 2, 3  # zones of two_cities: upton_core, upton_outer, lowton, harbour
BRANCHES, LICENSED = policy.ACTIVITIES[:2]
WHEN = ("2013-01", "2014-06")


def base(metric: str, replicate: int, shape: Whole) -> Whole:
    """Ten a month of everything in each zone, nothing moved, a subsidy of 5 in each zone until the end."""
    return nothing(metric, replicate, shape) if metric == "moves" else np.full_like(shape[0], 10)


def shift(plan: dict[tuple[str, int], int]):  # type: ignore[no-untyped-def]
    """As the base, but a metric in a zone is more from the seventh month on, by an amount that differs by replicate."""

    def fill(metric: str, replicate: int, shape: Whole) -> Whole:
        values = base(metric, replicate, shape)
        for (name, zone), more in plan.items():
            values = values + more * (replicate + 1) * ((shape[0] >= 6) & (shape[1] == zone)) * (name == metric)
        return values

    return fill


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return make(tmp_path_factory.mktemp("a"), fill=base, replicates=FOUR)


def against(a: Result, folder: Path, plan: dict[tuple[str, int], int]) -> Pair:
    return pair(a, make(folder, fill=shift(plan), replicates=FOUR, key="f" * 24))


MORE = 12 * np.arange(1, 5)  # what one more a month comes to, by replicate


def test_what_is_displaced_is_not_added(a: Result, tmp_path: Path) -> None:
    """Five come to the harbour: one from Upton, two from Lowton, one from the rest of the country, one is new."""
    plan = {("branches_opened", HARBOUR): 5, ("branches_opened", UPTON): -1, ("branches_opened", LOWTON): -2,
            ("branches_elsewhere", UPTON): -1}  # fmt: skip
    both = against(a, tmp_path, plan)
    one = policy.account(both, BRANCHES, ["harbour"], *WHEN)
    for found, times in ((one.gross, 5), (one.from_source, 1), (one.from_zones, 2), (one.from_elsewhere, 1)):
        assert (found == times * MORE).all()
    assert (one.net == MORE).all()
    whole = policy.account(both, BRANCHES, ["LO"], *WHEN)
    assert (whole.gross == 3 * MORE).all() and not whole.from_zones.any()
    assert (whole.net == MORE).all()
    assert (policy.account(both, BRANCHES, ["harbour", "lowton"], *WHEN).gross == whole.gross).all()


def test_nothing_is_added_where_all_is_displaced(a: Result, tmp_path: Path) -> None:
    both = against(a, tmp_path, {("deals", HARBOUR): 3, ("deals_outside", UPTON): -3})
    one = policy.account(both, LICENSED, ["LO"], *WHEN)
    assert (one.gross == 3 * MORE).all() and not one.net.any()
    paid = policy.cost(both, *WHEN)
    assert policy.price_rows("b", [one], paid)[0]["all"] == "0"
    assert policy.moved([one, policy.account(both, BRANCHES, ["LO"], *WHEN)]) == [one]


def test_accounts_of_real_runs_add_up(tmp_path: Path) -> None:
    from sim.experiments.running import run
    from sim.results import open_result
    from sim.scenario import load

    when = {"end": "2016-12"}
    never = {f"parks.{name}.open": "never" for name in ("harbour", "meadow", "hill")}
    arms = [open_result(run(load("two_cities", {**when, **more}), replicates=3, jobs=1, out=tmp_path))
            for more in (never, {})]  # fmt: skip
    both, (start, end) = pair(*arms), ("2013-01", "2016-12")
    for places in (["LO"], ["harbour"], ["lowton"]):
        one = policy.account(both, BRANCHES, places, start, end)
        everywhere = [
            arm.window("branches_opened", start, end, "ALL") + arm.window("branches_elsewhere", start, end, "ALL")
            for arm in arms
        ]
        moved = [policy.recorded(arm, places, start, end)["relocated from the source"] for arm in arms]
        assert (one.net == (everywhere[1] - everywhere[0]) - (moved[1] - moved[0])).all()
        assert one.gross.any()
    for arm in arms:
        told = policy.recorded(arm, ["LO"], start, end)
        founded = told.pop("founded")
        assert (founded == np.sum(list(told.values()), axis=0)).all() and (told["expansion"] >= 0).all()
        assert (founded == arm.window("branches_opened", start, end, "LO")).all()
        relocated = sum(arm.window("branches_relocated", start, end, key) for key in ("LO", "UP"))
        assert (arm.flows("branches_relocated")["count"].sum()) == relocated.sum()
        diverted = arm.window("branches_diverted", start, end, "ALL").sum()
        assert arm.flows("branches_diverted")["count"].sum() == diverted
        assert (diverted > 0) == (arm is arms[1])
    rows = policy.recorded_rows([(arm, [0, 1, 2]) for arm in arms], ["LO"], start, end)
    assert len(rows) == 2


def test_costs_are_by_government_and_prices_have_fiellers_interval(a: Result, tmp_path: Path) -> None:
    plan = {("public_cost_yuan", HARBOUR): 7, ("branches_opened", HARBOUR): 1, ("branches_opened", LOWTON): 1}
    both = against(a, tmp_path, plan)
    paid = policy.cost(both, *WHEN)
    assert list(paid) == ["UP", "LO", "all"]
    assert not (paid["UP"][1] - paid["UP"][0]).any()
    assert (paid["LO"][1] - paid["LO"][0] == 7 * MORE).all()
    one = policy.account(both, BRANCHES, ["LO"], *WHEN)
    assert policy.ratio(paid["LO"][1] - paid["LO"][0], one.net) == pytest.approx((3.5, 3.5, 3.5))
    row = policy.price_rows("b", [one], paid)[0]
    assert row["UP"] == "0" and row["LO"].startswith("3.5 yuan")
    assert policy.cost_rows("b", paid)[0]["B - A"] == "0"


def test_fiellers_interval_holds_ratios_that_the_data_do_not_exclude() -> None:
    x, y = np.array([9.0, 14, 11, 8, 13]), np.array([3.0, 5, 4, 2.5, 5])
    value, low, high = policy.ratio(x, y)
    assert value == pytest.approx(x.mean() / y.mean())
    bound = stdtrit(4, 0.95)
    for end in (low, high):
        rest = x - end * y
        assert abs(rest.mean() / (rest.std(ddof=1) / math.sqrt(5))) == pytest.approx(bound)
    assert all(math.isnan(v) for v in policy.ratio(x, np.array([-1.0, 1, 2, -2, 0.1])))
    assert all(math.isnan(v) for v in policy.ratio(x[:1], y[:1]))


def test_persistence_is_told_where_subsidies_end(tmp_path: Path) -> None:
    def paying(until: int):  # type: ignore[no-untyped-def]
        def fill(metric: str, replicate: int, shape: Whole) -> Whole:
            if metric == "public_cost_yuan":
                return (shape[0] < until).astype(np.int64)
            kept = 4 if until < 99 and metric == "branches_alive" else 5
            return np.full_like(shape[0], kept * (replicate + 1))

        return fill

    long = {"replicates": FOUR, "end": "2018-12"}
    goes_on = make(tmp_path / "a", fill=paying(99), **long)  # type: ignore[arg-type]
    ends = make(tmp_path / "b", fill=paying(6), key="f" * 24, **long)  # type: ignore[arg-type]
    found = policy.persistence(pair(goes_on, ends), ["LO", "ALL"])
    (alive,) = [one for one in found if one.metric == "branches_alive" and one.place == "LO"]
    assert (alive.last_paid, alive.year) == ("2013-06", "2018")
    assert (alive.kept, alive.low, alive.high) == pytest.approx((0.8, 0.8, 0.8))
    assert policy.sunset_rows("b", [alive])[0]["B / A"] == "0.8000"
    assert policy.persistence(pair(goes_on, goes_on), ["LO"]) == []
    assert policy.persistence(pair(ends, ends), ["LO"]) == []  # both end: nothing to be held against


def test_evidence_is_as_good_as_its_weakest_part(a: Result) -> None:
    both = pair(a, a)
    (row,) = policy.evidence(both, ["decap_pressure"])
    assert row["weakest"] == "assumption"
    assert "location.founding.pressure (L)" in row["its effect rests on"]
    rows = policy.evidence(both, ["parks.hill.open", "border.penalty", "parks.hill.subsidy"])
    assert [one["changed"] for one in rows] == ["parks", "border"]
    assert policy.evidence(both, ["border.penalty"])[0]["weakest"] == "L"


def test_indicators_are_ratios_of_what_was_recorded(a: Result, tmp_path: Path) -> None:
    both = against(
        a, tmp_path, {("public_cost_yuan", HARBOUR): 6, ("deals", HARBOUR): 2, ("debts_defaulted", UPTON): 1}
    )
    rows = {row["indicator"]: row for row in indicators.table(both, *WHEN)}
    cost = rows["public cost per technology launched"]  # 10 a month in each of four zones; 12 months of 6 to 24 more
    assert cost["A"] == "1 yuan" and cost["B"] == "1.25 yuan"
    assert rows["defaults of debts, a year"]["A"] == "1200.0 %"
    assert rows["needs for money met in full"]["B - A"] == "0"
    people = np.array([indicators._people(a, key) for key in ("UP", "LO")])
    deals = [a.window("deals", *WHEN, key)[0] for key in ("UP", "LO")]
    assert rows["Theil of deals per head, administrations"]["A"] == f"{theil(deals, people):.2f}"
    assert rows["first administration's share of deals"]["B"] == "100.0 %"


def effect(difference: float, low: float, high: float, zero: bool = False) -> Effect:
    return Effect("deals", "count", "LO", *WHEN, 9, 0.0, 0.0, difference, low, high, low, high, 1.0, zero)


UP, DOWN, OPEN, NONE = effect(5, 2, 8), effect(-5, -8, -2), effect(1, -1, 3), effect(0, 0, 0, True)


@pytest.mark.parametrize(
    ("core", "chain", "full", "word"),
    [
        (UP, UP, UP, "resolved: rises at every tier"),
        (DOWN, DOWN, DOWN, "resolved: falls at every tier"),
        (UP, DOWN, UP, "unresolved: rises at core, full, falls at chain"),
        (UP, DOWN, OPEN, "unresolved: rises at core, falls at chain"),
        (UP, OPEN, UP, "unresolved: rises at core, full, the interval holds 0 at chain"),
        (UP, UP, NONE, "unresolved: rises at core, chain, the interval holds 0 at full"),
        (OPEN, OPEN, NONE, "unresolved: the interval holds 0 at every tier"),
        (NONE, NONE, NONE, "no difference: exactly 0 in every replicate"),
        (UP, UP, effect(5, math.nan, math.nan), "one replicate: no interval"),
    ],
)
def test_a_finding_is_resolved_only_where_all_tiers_agree(core: Effect, chain: Effect, full: Effect, word: str) -> None:
    effects = {"core": core, "chain": chain, "full": full}
    assert verdict(effects) == word
    row = table([effects])[0]
    assert row["finding"] == word and list(row)[2:5] == ["core", "chain", "full"]
