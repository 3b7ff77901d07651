"""Small worlds in which much happens in few months, with any part of the scenario redrawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario import load, region_folder
from sim.scenario.schema import ScenarioDocument

MONTHS = 24
TIERS = ("core", "chain")
"Those that the twin covers."

# Parks are open from the start and soon full; there is something to buy, to license, to found upon, to draw, to sell.
BUSY = {
    "scale": 0.5,
    "end": "2014-12",
    "populations.branches_at_start": 30,
    "populations.cash_months": 0.3,
    "populations.payout": 0.4,
    "populations.manufacturer_margin": 0.03,
    "research.backlog_years": 3,
    "research.births": 600,
    "research.offered": 0.5,
    "research.lag_median": 1.0,
    "research.months_per_level": 4,
    "exchange.licence_months": 6,
    "exchange.assignment": 0.3,
    "exchange.licence": 0.5,
    "exchange.centre.joining": 0.6,
    "finance.investment.asking": 0.3,
    "finance.investment.exit_rate": 0.8,
    "finance.investment.deals": 20,
    "finance.investment.round_mean": 4,
    "location.branch.capital_mean": 8,
    "location.programme.amount_mean": 20,
    "location.programme.draw_months": 8,
    "levels.branch_hazard": 0.15,
    "levels.outside_founding": 0.0,
    "levels.introduction": 0.5,
    "levels.reserve_price": 0.3,
    "levels.venture_hazard": 0.05,
    "parks.harbour.announce": "2013-01",
    "parks.harbour.open": "2013-01",
    "parks.harbour.capacity": 18,
    "parks.harbour.programmes": 1.0,
    "parks.meadow.open": "2013-02",
    "parks.meadow.capacity": 10,
    "parks.meadow.programmes": 0.5,
    "parks.hill.open": "2013-03",
    "parks.hill.capacity": 6,
    "parks.hill.programmes": 0.5,
    "platform.start": "2013-01",
    "platform.date": "2013-06",
}

# Parks that are full at once, one that closes, exits that differ from year to year of age, and little cash.
CROWDED = {
    "tier": TIERS[-1],
    "levels.reserve_price": 0.5,
    "levels.branch_hazard": 0.5,
    "populations.branches_at_start": 120,
    "populations.cash_months": 0.1,
    "populations.payout": 0.5,
    "populations.manufacturer_margin": 0.02,
    "platform.capacity": 6,
    "location.choice.park": 2.0,
    "parks.harbour.capacity": 50,
    "location.branch.exit_scale": 3.0,
    "location.branch.exit_closed": 9.0,
    "parks.meadow.close": "2013-04",
    "location.branch.exit_by_age": [0.05, 0.9, 0.05, 0.9, 0.05, 0.9],
    "demography.entry": 0.5,
    "demography.exit_by_age": [0.05, 0.9, 0.05, 0.9],
}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 4))


def path(low: float, high: float) -> st.SearchStrategy[dict[str, float]]:
    return st.dictionaries(st.sampled_from(["2013-01", "2013-05", "2014-03"]), numbers(low, high), min_size=1)


SHARE = st.one_of(st.sampled_from([0.0, 1.0]), numbers(0, 1))
SWITCH = st.sampled_from([True, True, False])
MONTH = st.sampled_from(["2013-01", "2013-04", "2013-09", "2014-06"])

PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "scale": st.sampled_from([0.25, 0.5, 1.0]),
    "start": st.sampled_from(["2012-08", "2013-01", "2013-01"]),
    "calendar": st.sampled_from(["realised", "known_2016"]),
    "systems.branches": SWITCH,
    "systems.programmes": SWITCH,
    "systems.parks": SWITCH,
    "systems.centre": SWITCH,
    "systems.transfer": SWITCH,
    "systems.ventures": SWITCH,
    "systems.chain": SWITCH,
    "populations.branches_at_start": st.integers(0, 120),
    "populations.size_sigma": numbers(0, 2),
    "populations.tail_alpha": numbers(1.01, 3),
    "populations.cash_months": numbers(0, 4),
    "populations.payout": SHARE,
    "populations.enterprise_margin": numbers(0, 0.2),
    "populations.manufacturer_margin": numbers(0, 0.2),
    "populations.manufacturer_rnd": numbers(0, 0.1),
    "populations.need_share": SHARE,
    "populations.enterprise_listing": SHARE,
    "populations.position_spread": numbers(0, 16),
    "populations.absorption": st.dictionaries(
        st.sampled_from(["UP", "LO"]), st.lists(numbers(0.5, 6), min_size=2, max_size=2)
    ),
    "demography.entry": numbers(0, 1),
    "demography.entrant_size": numbers(0.01, 2),
    "demography.exit_by_age": st.lists(numbers(0, 1), min_size=1, max_size=5),
    "demography.exit_size": numbers(0, 1),
    "demography.growth": numbers(-0.5, 0.5),
    "demography.growth_sigma": numbers(0, 1),
    "populations.tail_start": st.sampled_from([0.5, 0.9, 1.0]),
    "populations.field_shares": st.dictionaries(st.sampled_from(["software", "materials"]), numbers(0, 0.5)),
    "research.births": numbers(0, 1500),
    "research.rnd_elasticity": numbers(0, 2),
    "research.quality_sigma": numbers(0, 2),
    "research.obsolescence": SHARE,
    "research.offered": SHARE,
    "research.lag_median": numbers(0.1, 3),
    "research.lag_spread": numbers(1, 4),
    "research.first_maturity": st.integers(1, 9),
    "research.months_per_level": numbers(1, 10),
    "research.position_spread": numbers(0, 16),
    "exchange.contracts": numbers(0, 2000),
    "exchange.travel_elasticity": numbers(0, 2),
    "exchange.field_bonus": numbers(0, 4),
    "exchange.size_weight": numbers(0, 1),
    "exchange.absorption_weight": numbers(0, 2),
    "exchange.need_bonus": numbers(0, 5),
    "exchange.optimum_base": numbers(0, 1),
    "exchange.optimum_slope": numbers(0, 1),
    "exchange.fit_width": numbers(0.1, 1),
    "exchange.value_sales": numbers(0, 1),
    "exchange.value_quality": numbers(0, 2),
    "exchange.value_to_reserve": numbers(0.5, 20),
    "exchange.bargaining": SHARE,
    "exchange.price_growth": numbers(-0.2, 0.3),
    "exchange.price_growth_end": MONTH,
    "exchange.service_mean": numbers(0.1, 5),
    "exchange.value_sigma": numbers(0, 2),
    "exchange.assignment": numbers(0, 0.4),
    "exchange.licence": numbers(0, 0.6),
    "exchange.licence_upfront": SHARE,
    "exchange.licence_months": st.integers(1, 24),
    "exchange.inventor_share": SHARE,
    "exchange.centre.joining": numbers(0, 1),
    "exchange.centre.shown": st.integers(1, 8),
    "exchange.centre.catalogue": st.integers(1, 60),
    "exchange.centre.access_decay": numbers(0, 2),
    "exchange.centre.fee": numbers(0, 0.5),
    "exchange.centre.price_sigma": numbers(0, 2),
    "platform.site": st.sampled_from(["harbour", "hill", ""]),
    "platform.start": MONTH,
    "platform.date": st.one_of(st.none(), MONTH),
    "platform.manual": SHARE,
    "platform.capacity": st.one_of(st.just(0.0), numbers(0, 60)),
    "platform.border_cut": SHARE,
    "border.penalty": numbers(0, 3),
    "decap_pressure": path(0, 4),
    "venture_powder": path(0, 4),
    "transport.rail": st.sampled_from(["actual", "frozen", "all_early"]),
    "levels.outside_transfer": numbers(-2, 6),
    "levels.outside_service": numbers(-2, 6),
    "levels.introduction": numbers(-3, 3),
    "levels.reserve_price": numbers(0.001, 1),
    "levels.venture_hazard": st.one_of(st.just(0.0), numbers(0, 0.3)),
    "levels.branch_hazard": st.one_of(st.just(0.0), numbers(0.02, 0.5)),
    "levels.branch_attraction": numbers(-2, 2),
    "levels.outside_founding": numbers(-3, 4),
    "location.founding.size_elasticity": numbers(0, 1),
    "location.founding.attraction": numbers(0, 1),
    "location.founding.pressure": numbers(0, 1),
    "location.founding.imitation": st.sampled_from([0.0, 0.0, 0.05]),
    "location.founding.walk": numbers(0, 0.5),
    "location.choice.wage": numbers(-1, 2),
    "location.choice.rent": numbers(-1, 2),
    "location.choice.travel": numbers(0, 2),
    "location.choice.size": numbers(0, 2),
    "location.choice.agglomeration": numbers(0, 0.9),
    "location.choice.agglomeration_unit": numbers(0.5, 30),
    "location.choice.manufacturing": numbers(0, 2),
    "location.choice.park": numbers(0, 3),
    "location.choice.pull": st.dictionaries(st.sampled_from(["UP", "LO"]), numbers(-1, 1)),
    "location.branch.sales_share": numbers(0, 0.5),
    "location.branch.rnd_share": numbers(0, 0.5),
    "location.branch.subsidiary_share": SHARE,
    "location.branch.relocation": SHARE,
    "location.branch.capital_mean": numbers(0.1, 100),
    "location.branch.capital_sigma": numbers(0, 2),
    "location.branch.capital_size": numbers(0, 1),
    "location.branch.capital_ratio": st.dictionaries(st.sampled_from(["UP", "LO"]), numbers(0.2, 2)),
    "location.branch.paid_in_months": st.integers(1, 24),
    "location.branch.capex_share": SHARE,
    "location.branch.exit_by_age": st.lists(numbers(0, 1), min_size=1, max_size=5),
    "location.branch.exit_scale": numbers(0, 4),
    "location.branch.exit_capital": numbers(0, 0.5),
    "location.branch.exit_closed": numbers(0, 9),
    "location.programme.amount_mean": numbers(0.1, 200),
    "location.programme.amount_sigma": numbers(0, 2),
    "location.programme.started": SHARE,
    "location.programme.realised": SHARE,
    "location.programme.draw_months": st.integers(1, 24),
    "location.programme.parent_share": SHARE,
    "location.programme.chain": SHARE,
    "location.venture.ripe": st.integers(1, 9),
    "location.venture.quality": numbers(0, 2),
    "location.venture.home": numbers(-3, 3),
    "location.venture.manufacturing": numbers(0, 2),
    "location.venture.travel": numbers(0, 2),
    "location.venture.park": numbers(0, 3),
    "location.venture.own_money": numbers(0, 3),
    "location.venture.spending": numbers(0, 20),
    "location.venture.exit_scale": numbers(0, 4),
    "finance.investment.funds": st.integers(0, 4),
    "finance.investment.deals": numbers(0, 30),
    "finance.investment.round_mean": numbers(0.1, 20),
    "finance.investment.round_sigma": numbers(0, 2),
    "finance.investment.asking": SHARE,
    "finance.investment.distance": numbers(0, 2),
    "finance.investment.approval": numbers(-3, 3),
    "finance.investment.return_mean": numbers(-1, 1),
    "finance.investment.return_sigma": numbers(0, 1),
    "finance.investment.exit_rate": numbers(0, 5),
    "finance.investment.programme_share": SHARE,
    "parks.harbour.capacity": st.integers(0, 50),
    "parks.harbour.subsidy": SHARE,
    "parks.harbour.programmes": numbers(0, 4),
    "parks.harbour.subsidy_end": MONTH,
    "parks.meadow.capacity": st.integers(0, 16),
    "parks.meadow.close": st.sampled_from(["2013-03", "2013-08"]),
    "parks.hill.announce": st.sampled_from(["2013-01", "2013-03"]),
    "parks.hill.open": st.sampled_from(["2013-03", "2013-04", "never"]),
}

FOLDER = region_folder(load("two_cities"))


def document(overrides: dict[str, Any]) -> ScenarioDocument:
    return load("two_cities", {**BUSY, **overrides}).document


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A tier, and up to a quarter of the parameters redrawn."""
    tier = draw(st.sampled_from(TIERS))
    names = draw(st.sets(st.sampled_from(sorted(PARAMETERS)), max_size=len(PARAMETERS) // 4))
    return {"tier": tier, **{name: draw(PARAMETERS[name]) for name in sorted(names)}}
