"""Seeded defects: in the fast code, or in the scenario that it alone is given. Each must be noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.core.requests import Requests
from sim.core.streams import purposes
from sim.demography import entry, growth
from sim.diffusion import adoption, spillovers, stages
from sim.exchange import deals, market, promotion_centre, royalties, services
from sim.finance import chain, clearing, crowdfunding, defaults, investment, loan, needs
from sim.links import joint_research, talent
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


def lever(name: str, by: float) -> Plant:
    """A lever stands a little higher than the scenario says."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        getattr(world.inputs, name)[:] += by

    return plant


def constant(module: Any, name: str, value: Any) -> Plant:
    """A constant of a process is another one."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, name, value)

    return plant


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
    "funds look a little further": scenario("finance.investment.distance", 0.1),
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
    "powder is ranked with another purpose": other_purpose(chain, "POWDER"),
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
    "debts wait for what is wanted": asked("debt", seniority=9),
    "contracts come before debts": asked("service", seniority=-5),
    "benchmark interest is a little higher": lever("benchmark", 1e-4),
    "a little more interest is returned": lever("interest_subsidy", 0.001),
    "a little more of premiums is paid": lever("premium_subsidy", 0.001),
    "the risk pool bears a little more": lever("risk_pool", 0.001),
    "banks may lend a little more": lever("loan_quota", 0.01),
    "the alliance serves a little more": lever("services", 0.001),
    "stages succeed a little more often": scenario("diffusion.development.success", 0.85),
    "fit counts a little more in stages": scenario("diffusion.development.fit", 0.9),
    "stages cost a little more": scenario("diffusion.development.cost", 1.001),
    "technologies lift sales a little more": scenario("diffusion.development.uplift", 0.0301),
    "adopters are imitated a little more": scenario("diffusion.adoption.imitation", 3.1),
    "travel slows adoption a little more": scenario("diffusion.adoption.travel", 0.51),
    "technologies concern fewer": scenario("diffusion.adoption.scope", 8),
    "adoption costs a little more": scenario("diffusion.adoption.cost", 0.0201),
    "adoption lifts sales a little more": scenario("diffusion.adoption.uplift", 0.0101),
    "a little more is forgotten": scenario("diffusion.absorption.decay", 0.021),
    "a little more is learned nearby": scenario("diffusion.absorption.spillover", 0.201),
    "knowledge depreciates a little faster": scenario("diffusion.spillovers.depreciation", 0.201),
    "knowledge is felt further off": instead(
        spillovers, "spread", lambda honest, grid, knowledge, half: honest(grid, knowledge, 1.01 * half)
    ),
    "the environment follows a little faster": scenario("diffusion.environment.speed", 0.201),
    "the environment draws a little more": scenario("diffusion.environment.effect", 0.501),
    "deals weigh a little more in the environment": scenario("diffusion.environment.weights", (0.26, 0.25, 0.25, 0.24)),
    "joint R&D reaches a little further": scenario("links.joint_research.further", 0.2),
    "joint R&D costs firms a little more": scenario("links.joint_research.firm_share", 0.501),
    "a little more capital goes to the source": scenario("links.capital.part", 0.501),
    "wages draw talent a little more": scenario("links.talent.wage", 1.5),
    "talent carries a little more": scenario("links.talent.carried", 0.401),
    "loans lose a little more": scenario("finance.loan.loss", 0.551),
    "banks approve a little more": scenario("finance.loan.approval", 0.2),
    "size counts a little more for banks": scenario("finance.loan.size", 0.7),
    "margins carry a little more": scenario("finance.loan.coverage", 2.01),
    "bad loans are worked out a little later": scenario("finance.loan.workout", 7),
    "banks want a little more equity": scenario("finance.loan.equity", 0.126),
    "insurers cover a little more": scenario("finance.insurance.cover", 0.801),
    "premiums are a little higher": scenario("finance.insurance.load", 0.301),
    "a little more is reinsured": scenario("finance.insurance.reinsured", 0.101),
    "repossession brings a little less": scenario("finance.leasing.loss", 0.41),
    "lessors pay a little more": scenario("finance.leasing.refinancing", 0.0101),
    "patents carry a little more": scenario("finance.ip_pledge.loan_to_value", 0.301),
    "members charge a little more": scenario("finance.crowdfunding.fee", 0.051),
    "backers differ a little more": scenario("finance.crowdfunding.pledge_sigma", 1.4),
    "working capital is sought a little more often": scenario("finance.working_capital.asking", 0.11),
    "deals wait a month longer": scenario("finance.patience", 4),
    "branches earn a little more": scenario("location.branch.profit", 0.1001),
    "rents are a little higher": scenario("location.branch.rent", 0.0201),
    "taxes are a little higher": scenario("government.tax", 0.2501),
    "governments keep a little more": scenario("government.months_kept", 3.01),
    "a little more tax is shared": scenario("tax_sharing.share", 0.501),
    "tax sharing ends a little later": scenario("tax_sharing.cap", 3.001),
    "a third bill missed is default": constant(defaults, "SECOND_MISS", 3),
    "own cash does not come first": instead(needs, "_put_own_cash_first", lambda honest, *given: None),
    "creditors of leavers get nothing": instead(defaults, "_divide", lambda honest, *given: None),
    "success is drawn with another purpose": other_purpose(stages, "SUCCEED"),
    "thresholds are drawn with another purpose": other_purpose(adoption, "THRESHOLD"),
    "defaults are drawn with another purpose": other_purpose(defaults, "DEFAULT"),
    "loans are approved with another purpose": other_purpose(loan, "FIT"),
    "campaigns begin with another purpose": other_purpose(crowdfunding, "TARGET"),
    "partners are counted with another purpose": other_purpose(joint_research, "COUNT"),
    "talent moves with another purpose": other_purpose(talent, "MOVE"),
}
