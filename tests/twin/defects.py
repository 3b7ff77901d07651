"""Seeded defects: in the fast code, or in the scenario that it alone is given. Each must be noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.core.requests import Requests
from sim.core.streams import purposes
from sim.demography import entry, growth
from sim.exchange import deals, market, promotion_centre, royalties, services
from sim.finance import clearing, investment
from sim.location import admission, branch_founding, exits, park_programmes, ventures
from sim.research import births
from sim.world import World

Plant = Callable[[World, pytest.MonkeyPatch], None]


def scenario(path: str, value: Any) -> Plant:
    """The fast code runs with another parameter than the twin."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        world.scenario = _replaced(world.scenario, path.split("."), value)

    return plant


def _replaced(section: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    part = section[name] if isinstance(section, dict) else getattr(section, name)
    value = _replaced(part, rest, value) if rest else value
    return {**section, name: value} if isinstance(section, dict) else section.model_copy(update={name: value})


def other_purpose(module: Any, name: str) -> Plant:
    """A decision takes the luck of another one."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, name, np.uint32(purposes()["branches.age"]))

    return plant


def instead(module: Any, name: str, wrong: Callable[..., Any]) -> Plant:
    """A function is replaced by one that is given the honest one first."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        honest = getattr(module, name)
        patch.setattr(module, name, lambda *given, **named: wrong(honest, *given, **named))

    return plant


def shifted(population: str, column: str, by: float) -> Plant:
    """A column is off from the start."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        getattr(getattr(world, population), column)[:] += by

    return plant


def asked(kind: str, **changed: Any) -> Plant:
    """A kind of request is made otherwise."""

    def ask(honest: Any, self: Requests, name: str, *given: Any, **named: Any) -> None:
        honest(self, name, *given, **{**named, **(changed if name == kind else {})})

    return instead(Requests, "ask", ask)


def prices_ahead(world: World, patch: pytest.MonkeyPatch) -> None:
    world.inputs.price = np.append(world.inputs.price[1:], world.inputs.price[-1])


def hazard_walks_on(world: World, patch: pytest.MonkeyPatch) -> None:
    world.inputs.walk += 1e-6


def one_yuan_too_much(world: World, patch: pytest.MonkeyPatch) -> None:
    world.ledger.endow(world.manufacturers.account[:1], np.array([1]))


def firms_by_row(honest: Any, *given: Any) -> Any:
    """Draws keyed by the place of a firm instead of its identity."""
    return honest(*given[:-1], np.arange(given[-1].size, dtype=np.uint64))


def unshared(honest: Any, world: World, institute: Any, received: Any) -> None:
    """Inventors are paid once a month's whole, not payment by payment: another rounding."""
    honest(world, institute, received // 10 * 10)


DEFECTS: dict[str, Plant] = {
    "a yuan is found at the start": one_yuan_too_much,
    "achievements go stale a month late": shifted("achievements", "stale_at", 1),
    "achievements are offered a month late": shifted("achievements", "offered_at", 1),
    "qualities are off in the tenth digit": shifted("achievements", "quality", 1e-10),
    "prices are a month ahead": prices_ahead,
    "the founding hazard is a millionth higher": hazard_walks_on,
    "the border attracts": scenario("border.penalty", -0.7),
    "a little more goes stale": scenario("research.obsolescence", 0.17),
    "a little more is offered": scenario("research.offered", 0.52),
    "offers take a little longer": scenario("research.lag_median", 1.1),
    "maturity takes a little longer": scenario("research.months_per_level", 4.3),
    "positions spread a little more": scenario("research.position_spread", 1.6),
    "travel has no effect on matches": scenario("exchange.travel_elasticity", 0.0),
    "the own field counts a little more": scenario("exchange.field_bonus", 2.01),
    "firms fit a little wider": scenario("exchange.fit_width", 0.26),
    "the seller has a little more of the surplus": scenario("exchange.bargaining", 0.501),
    "licences pay a little more at signing": scenario("exchange.licence_upfront", 0.301),
    "licences run a month longer": scenario("exchange.licence_months", 7),
    "inventors get a little less": scenario("exchange.inventor_share", 0.4999),
    "more offers go outside": scenario("levels.outside_transfer", 3.5),
    "more contracts go outside": scenario("levels.outside_service", 3.05),
    "reserve prices are a little higher": scenario("levels.reserve_price", 0.501),
    "the centre charges a little more": scenario("exchange.centre.fee", 0.0201),
    "distance from the centre counts less": scenario("exchange.centre.access_decay", 0.2),
    "the centre shows one more": scenario("exchange.centre.shown", 6),
    "the centre removes the border": scenario("platform.border_cut", 1.0),
    "institutes join a little sooner": scenario("exchange.centre.joining", 0.65),
    "the chain never goes on": scenario("location.programme.chain", 0.0),
    "programmes are started a little more often": scenario("location.programme.started", 0.7),
    "programmes draw a little more": scenario("location.programme.realised", 0.651),
    "parents pay a little more of a draw": scenario("location.programme.parent_share", 0.301),
    "agglomeration is off": scenario("location.choice.agglomeration", 0.0),
    "attraction counts a little more": scenario("location.founding.attraction", 0.51),
    "relocations ignore the pressure": scenario("location.branch.relocation", 0.4),
    "closed parks keep their tenants": scenario("location.branch.exit_closed", 1.0),
    "capital has another spread": scenario("location.branch.capital_sigma", 1.701),
    "capital is paid in a month later": scenario("location.branch.paid_in_months", 25),
    "less of the capital buys equipment": scenario("location.branch.capex_share", 0.799),
    "researchers found a little more often": scenario("levels.venture_hazard", 0.051),
    "home counts less for ventures": scenario("location.venture.home", 2.0),
    "ventures live longer": scenario("location.venture.exit_scale", 0.8),
    "ventures are a little more frugal": scenario("location.venture.spending", 0.399),
    "funds look a little further": scenario("finance.investment.distance", 0.45),
    "funds pay a little less of a draw": scenario("finance.investment.programme_share", 0.099),
    "stakes return a little less": scenario("finance.investment.return_mean", 0.149),
    "owners take a little less": scenario("populations.payout", 0.4999),
    "parks pay a little more": shifted("parks", "subsidy", 0.001),
    "entrants are a little larger": scenario("demography.entrant_size", 0.701),
    "firms leave a little less often": scenario("demography.exit_by_age", (0.05, 0.5, 0.05, 0.9)),
    "size protects a little more": scenario("demography.exit_size", 0.21),
    "firms grow a little faster": scenario("demography.growth", 0.001),
    "entries are drawn with another purpose": other_purpose(entry, "ENTRY"),
    "growth is drawn with another purpose": other_purpose(growth, "GROWTH"),
    "birthdays come a month late": instead(
        growth, "birthdays", lambda honest, born, alive, month: honest(born, alive, month - 1)
    ),
    "shares outlive their issuer": shifted("manufacturers", "shares_institutes", 1),
    "births are drawn with another purpose": other_purpose(births, "BIRTHS"),
    "contracts are counted with another purpose": other_purpose(services, "COUNT"),
    "the mode is drawn with another purpose": other_purpose(deals, "MODE"),
    "agreement is drawn with another purpose": other_purpose(promotion_centre, "AGREE"),
    "the type is drawn with another purpose": other_purpose(branch_founding, "TYPE"),
    "the queue is drawn with another purpose": other_purpose(admission, "QUEUE"),
    "industries are drawn with another purpose": other_purpose(park_programmes, "INDUSTRY"),
    "cells of ventures are drawn with another purpose": other_purpose(ventures, "CELL"),
    "sales of stakes are drawn with another purpose": other_purpose(investment, "SELL"),
    "bills are ranked with another purpose": other_purpose(clearing, "CASH"),
    "powder is ranked with another purpose": other_purpose(clearing, "POWDER"),
    "firms are drawn by row": instead(market, "_match", firms_by_row),
    "age is off by one month": instead(
        exits, "monthly_exit", lambda honest, p: np.append(honest(p)[1:], honest(p)[-1])
    ),
    "parks pull without their subsidy": instead(
        branch_founding, "park_pull", lambda honest, world, strength: np.minimum(honest(world, strength), strength)
    ),
    "parks are never full": instead(admission, "occupancy", lambda honest, world: 0 * honest(world)),
    "manufacturing is everywhere": instead(ventures, "manufacturing", lambda honest, world: 0 * honest(world)),
    "inventors share in whole tens of yuan": instead(royalties, "pay_inventors", unshared),
    "contracts are paid in part": asked("service", divisible=True),
    "draws come before capital": asked("programme_draw", seniority=0),
    "funds pay programmes first": asked("programme_round", seniority=-1),
}
