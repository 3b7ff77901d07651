"""T18: what must be nothing is exactly nothing, what must not matter does not, and scale is only scale."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from helpers import NO_PARKS, Z, run, total, two_cities, world_of, z_score
from numpy.typing import NDArray

import sim.build
from sim.core.params import Section
from sim.exchange.market import Market
from sim.experiments.simulate import Outcome, simulate
from sim.month import advance
from sim.region import Region
from sim.scenario.schema import ScenarioDocument

BUSY = {"levels.branch_hazard": 0.05, "exchange.contracts": 2000}


@lru_cache
def busy() -> Outcome:
    return run(BUSY)


def moved(outcome: Outcome, kind: str) -> NDArray[np.int64]:
    """Number and yuan of a movement or payment, by month."""
    moves = outcome.moves
    of_kind = moves.kind == outcome.kinds.index(kind)
    sums = np.zeros((outcome.series.shape[1], 2), np.int64)
    np.add.at(sums, moves.month[of_kind], np.column_stack([moves.count[of_kind], moves.yuan[of_kind]]))
    return sums


# ------------------------------------------------------------------ zero is zero


def test_t18_without_capacity_nothing_is_brokered() -> None:
    off = run({**BUSY, "platform.capacity": 0})
    for metric in ("deals_brokered", "introductions", "platform_members", "needs_registered"):
        assert total(off, metric) == 0 < total(busy(), metric)
    assert not moved(off, "pay_broker_fee").any() and moved(busy(), "pay_broker_fee").any()


def test_t18_without_subsidy_governments_pay_no_park() -> None:
    off = run({**BUSY, **{f"parks.{name}.subsidy": 0 for name in ("harbour", "meadow", "hill")}})
    assert not moved(off, "pay_park_subsidy").any() and total(off, "public_cost_yuan") == 0
    assert moved(busy(), "pay_park_subsidy").any() and total(busy(), "public_cost_yuan") > 0
    assert np.array_equal(moved(off, "pay_public_funds"), moved(off, "pay_budget"))  # all that governments raise


def crossing(hours: float) -> dict[str, int]:
    """Movements over the border when crossing it takes so many hours, the centre being closed."""
    world = world_of({**BUSY, "platform.capacity": 0, "populations.branches_at_start": 0})
    admin = world.region.zones.admin
    crosses = admin[:, None] != admin
    world.inputs.hours = np.where(crosses, hours, world.inputs.hours)
    found = dict.fromkeys(("branches", "deals", "contracts_service", "ventures"), 0)
    for _ in range(36):
        advance(world)
        for kind in found:
            found[kind] += int(world.tally.moved[world.tally.moves[kind], :-1, :-1, 0][crosses].sum())
    return found


def test_t18_nothing_crosses_an_endless_way() -> None:
    assert set(crossing(1e300).values()) == {0}
    assert min(crossing(1.0).values()) > 0


def test_t18_the_flow_falls_to_nothing_as_the_way_grows() -> None:
    crossed = [sum(crossing(hours).values()) for hours in (1.0, 100.0, 1e6)]
    assert crossed[0] > 2 * crossed[1] > 4 * crossed[2]


# ------------------------------------------------------------------ what does not matter

NOTHING: dict[str, dict[str, Any]] = {
    "the defaults written out": {"platform.manual": 0.15, "border.penalty": 0.7, "transport.rail": "actual"},
    "powder of 1": {"venture_powder": {"2013": 1.0, "2016-05": 1.0}},
    "a point on the line of the pressure": {"decap_pressure": {"2013": 0.5, "2014-07": 0.75, "2016": 1.0}},
    "another name": {"name": "other", "title": "Other", "question": "?"},
    "frozen after the last opening": {"transport.rail": "frozen", "transport.frozen_at": "2018-01"},
}


@pytest.mark.parametrize("policy", NOTHING)
def test_t18_a_null_policy_differs_by_exactly_zero(policy: str) -> None:
    assert run({**BUSY, **NOTHING[policy]}).digest == busy().digest


def test_t18_a_park_that_never_opens_is_no_park() -> None:
    document, folder = two_cities(BUSY)
    absent = document.model_copy(update={"parks": {k: v for k, v in document.parks.items() if k != "meadow"}})
    never = run({**BUSY, "parks.meadow.open": "never"})
    assert simulate(absent, folder).digest == never.digest != busy().digest


FROM_MONTH: dict[str, tuple[str, dict[str, Any]]] = {
    "the last park opens": ("2016-01", {"parks.hill.open": "never"}),
    "a park closes": ("2016-05", {"parks.harbour.close": "2016-05"}),
    "the centre starts": ("2014-01", {"platform.start": "2014-06"}),
    "the pressure changes": ("2016-03", {"decap_pressure": {"2013": 0.5, "2016": 1.0, "2016-02": 1.0, "2016-03": 3.0}}),
    "funds stop": ("2017-01", {"venture_powder": {"2013": 1.0, "2016-12": 1.0, "2017-01": 0.0}}),
    "no line opens": ("2016-07", {"transport.rail": "frozen", "transport.frozen_at": "2016-06"}),
}


def first_difference(one: Outcome, other: Outcome) -> int:
    """The first month in which any metric or movement differs; the number of months if none does."""
    differs = (one.series != other.series).any(axis=(0, 2))
    for kind in one.kinds:
        differs |= (moved(one, kind) != moved(other, kind)).any(axis=1)
    return int(np.argmax(differs)) if differs.any() else differs.size


@pytest.mark.parametrize("lever", FROM_MONTH)
def test_t18_a_lever_changes_nothing_before_it_starts(lever: str) -> None:
    month, change = FROM_MONTH[lever]
    start = sim.build.Clock("2013-01", "2018-12").index(month)
    assert start <= first_difference(busy(), run({**BUSY, **change})) < start + 13


# ------------------------------------------------------------------ identical zones

Change = Callable[[Region], Region]
LOWTON, HARBOUR = 2, 3  # zones
TWINNED = ("branches_opened", "contracts_service", "deals", "ventures_founded")
TWINS = {
    **NO_PARKS,
    "scale": 4.0,
    "end": "2014-06",
    "research.backlog_years": 5,
    "platform.site": "campus",
    "levels.branch_hazard": 0.1,
    "exchange.contracts": 3000,
}


def twinned(region: Region) -> Region:
    """The region with one zone made the image of another in all that the model knows of it."""
    zones, image = region.zones, {}
    for name in ("wage", "rent", "gdp_bn", "population_10k"):
        image[name] = getattr(zones, name).copy()
        image[name][HARBOUR] = image[name][LOWTON]
    counts = {kind: number.copy() for kind, number in zones.counts.items()}
    for number in counts.values():
        number[HARBOUR] = number[LOWTON]
    return dataclasses.replace(region, zones=dataclasses.replace(zones, counts=MappingProxyType(counts), **image))


def differences(change: Change, monkeypatch: pytest.MonkeyPatch, replicates: int = 24) -> NDArray[np.int64]:
    """One zone less the other, by replicate and metric."""
    document, folder = two_cities(TWINS)
    region = change(sim.build.region_of(folder))
    matrices = region.hours_by_month
    alike = np.array([0, 1, LOWTON, LOWTON])

    def symmetric(*arguments: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        index, hours = matrices(*arguments)
        hours = hours[:, alike][:, :, alike]
        hours[:, [LOWTON, HARBOUR], [HARBOUR, LOWTON]] = 0.7
        return index, hours

    object.__setattr__(region, "hours_by_month", symmetric)
    monkeypatch.setattr(sim.build, "region_of", lambda _: region)
    rows = []
    for replicate in range(replicates):
        outcome = simulate(document, folder, 17, replicate)
        rows.append([total(outcome, m, LOWTON) - total(outcome, m, HARBOUR) for m in TWINNED])
    return np.array(rows)


def test_t18_two_identical_zones_are_exchangeable(monkeypatch: pytest.MonkeyPatch) -> None:
    found = differences(twinned, monkeypatch)
    assert max(abs(z_score(column, 0.0)) for column in found.T) < Z
    assert (found.std(axis=0) > 0).all()  # they are not the same by construction


def test_t18_zones_that_differ_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def dearer(region: Region) -> Region:
        region = twinned(region)
        rent = region.zones.rent * np.where(np.arange(4) == HARBOUR, 3.0, 1.0)
        return dataclasses.replace(region, zones=dataclasses.replace(region.zones, rent=rent))

    assert z_score(differences(dearer, monkeypatch)[:, 0], 0.0) > Z


# ------------------------------------------------------------------ money has no natural unit

FACTOR = 1000
MONEY_OF_THE_REGION = ("rnd_per_enterprise", "income_per_enterprise", "sales_per_manufacturer", "institutes_rnd",
                       "universities_rnd")  # fmt: skip
MONEY_OF_THE_SCENARIO = (
    "populations.wage", "exchange.service_mean", "exchange.centre.price_median", "exchange.centre.price_cap",
    "levels.reserve_price", "location.branch.capital_mean", "location.programme.amount_mean",
    "location.venture.own_money", "location.venture.spending", "finance.investment.round_mean",
    "finance.loan.quota", "finance.loan.smallest", "finance.loan.largest", "finance.insurance.quota",
    "finance.insurance.smallest", "finance.insurance.largest", "finance.leasing.quota", "finance.leasing.smallest",
    "finance.leasing.largest", "finance.ip_pledge.smallest", "finance.ip_pledge.largest",
    "finance.crowdfunding.target_mean", "finance.crowdfunding.pledge_mean", "links.joint_research.cost",
    "links.talent.carried", "links.talent.post", "tax_sharing.threshold",
)  # fmt: skip


def revalued(section: Section, path: str) -> Section:
    """The document with the amount at `path` in coins a thousandth as large."""
    head, _, rest = path.partition(".")
    value = getattr(section, head)
    return section.model_copy(update={head: revalued(value, rest) if rest else value * FACTOR})


def in_small_coin(paths: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """The busy world with every amount of the region, and those of the scenario at `paths`, a thousandfold."""
    document, folder = two_cities(BUSY)
    for path in paths:
        document = revalued(document, path)  # type: ignore[assignment]
    region = sim.build.region_of(folder)
    totals = {
        key: dataclasses.replace(one, value=one.value * FACTOR) if one.key in MONEY_OF_THE_REGION else one
        for key, one in region.totals.items()
    }
    changed = dataclasses.replace(region, totals=MappingProxyType(totals))
    monkeypatch.setattr(sim.build, "region_of", lambda _: changed)
    return simulate(document, folder)


def counted(outcome: Outcome) -> Mapping[str, NDArray[np.int64]]:
    """Series of all metrics that are not money."""
    return {name: outcome.series[k] for k, name in enumerate(outcome.metrics) if not name.endswith("_yuan")}


def test_t18_money_a_thousandfold_changes_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is declared in yuan is scaled; GDP enters only relative to its mean, and is not."""
    whole = busy()  # before the region is replaced
    small = in_small_coin(MONEY_OF_THE_SCENARIO, monkeypatch)
    for name, series in counted(whole).items():
        assert np.array_equal(counted(small)[name], series), name
    for metric in set(small.metrics) - set(counted(small)):
        assert math.isclose(total(small, metric), FACTOR * total(whole, metric), rel_tol=1e-5), metric


def test_t18_the_list_of_money_is_complete() -> None:
    """Whatever the schema declares in yuan is scaled above."""
    declared = {path for path, unit in units(ScenarioDocument) if "yuan" in unit}
    assert declared == set(MONEY_OF_THE_SCENARIO)


def units(section: type[Section], above: str = "") -> list[tuple[str, str]]:
    found = []
    for name, field in section.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and isinstance(extra.get("quantity"), dict):
            found.append((above + name, str(extra["quantity"]["unit"])))  # type: ignore[index,call-overload]
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found += units(field.annotation, f"{above}{name}.")
    return found


@pytest.mark.parametrize("left_out", ["exchange.service_mean", "levels.reserve_price"])
def test_t18_an_amount_left_out_would_be_seen(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = busy()
    some = in_small_coin(tuple(p for p in MONEY_OF_THE_SCENARIO if p != left_out), monkeypatch)
    assert any(not np.array_equal(counted(some)[name], series) for name, series in counted(whole).items())


# ------------------------------------------------------------------ scale

PER_HEAD = (
    "achievements_born",
    "contracts_service",
    "branches_opened",
    "ventures_founded",
    "programmes_pledged",
    "deals",
)
STEADY = {
    "end": "2014-06",
    "research.backlog_years": 8,
    "location.founding.walk": 0.0,  # a shock that all share is the same at every scale
    "location.choice.agglomeration": 0.0,  # log(1 + n / unit) is biased where n is a handful
    "location.choice.manufacturing": 0.0,  # and so is the log of the mass of few firms
    "location.founding.attraction": 0.0,
    "levels.branch_hazard": 0.04,
    "platform.capacity": 0,  # whole introductions to the few needs there are
    "parks.harbour.programmes": 1.0,
}


def per_head(scale: float, overrides: Mapping[str, Any], replicates: int = 36) -> NDArray[np.float64]:
    """Totals over the run by replicate and metric, per unit of scale."""
    runs = (run({**STEADY, **overrides, "scale": scale}, 23, r) for r in range(replicates))
    return np.array([[total(outcome, metric) for metric in PER_HEAD] for outcome in runs]) / scale


def means_differ(small: NDArray[np.float64], large: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard errors between the two means, by metric."""
    error = np.sqrt(small.var(axis=0, ddof=1) / len(small) + large.var(axis=0, ddof=1) / len(large))
    return np.abs(small.mean(axis=0) - large.mean(axis=0)) / error


def spread_off(small: NDArray[np.float64], large: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Standard errors between the log ratio of the coefficients of variation and what it should be, by metric.

    The log of a standard deviation of n values has a standard error of 1 / sqrt(2 (n - 1)).
    """
    variation = [sample.std(axis=0, ddof=1) / sample.mean(axis=0) for sample in (small, large)]
    error = math.sqrt(sum(1 / (2 * (len(sample) - 1)) for sample in (small, large)))
    return np.abs(np.log(variation[0] / variation[1]) - math.log(ratio)) / error


@lru_cache
def tenth_and_whole() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return per_head(1.0, {}), per_head(10.0, {})


def test_t18_a_tenth_has_the_same_means_per_head() -> None:
    assert means_differ(*tenth_and_whole()).max() < Z


def test_t18_a_tenth_varies_by_the_root_of_ten_as_much() -> None:
    small, large = tenth_and_whole()
    assert spread_off(small, large, math.sqrt(10)).max() < Z
    assert spread_off(small, large, 1.0).min() > Z and spread_off(small, large, 10.0).min() > Z


def test_t18_an_outside_option_that_does_not_scale_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Market, "outside", lambda self, utility, scale: math.exp(utility))
    assert means_differ(tenth_and_whole()[0], per_head(10.0, {}, 12))[PER_HEAD.index("contracts_service")] > Z


def test_t18_a_shock_that_all_share_does_not_average_out() -> None:
    shaken = {"location.founding.walk": 1.0}
    off = spread_off(per_head(1.0, shaken, 18), per_head(10.0, shaken, 18), math.sqrt(10))
    assert off[PER_HEAD.index("branches_opened")] > Z
