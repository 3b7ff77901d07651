"""The month, as text."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import TypeVar

import mesa

from sim.core.clock import Clock
from sim.region import Region
from sim.scenario.schema import ScenarioDocument
from twin import demography, exchange, finance, parks, research, ventures
from twin.branches import Branch, CapitalCall, Founding
from twin.centre import Centre
from twin.draws import Draws, normal_quantile
from twin.exchange import Licence, Market, Royalty, ServiceContract
from twin.finance import Fund, ProgrammeRound, VentureRound
from twin.firms import Norms
from twin.money import Ledger, Request, clear
from twin.organisations import Enterprise, Government, Institute, Manufacturer, Origin, University
from twin.parks import Draw, Park, Programme
from twin.research import Achievement
from twin.ventures import Venture
from twin.zones import Zone

AgentKind = TypeVar("AgentKind", bound=mesa.Agent)
RequestKind = TypeVar("RequestKind", bound=Request)

TIERS = ("core", "chain", "full")
LAST_KNOWN = "2016-12"
"The calendar `known_2016` opens no railway after this month."


class TwinModel(mesa.Model):
    """The region, all who live in it, and what they do in a month."""

    def __init__(self, scenario: ScenarioDocument, region: Region, seed: int, replicate: int) -> None:
        super().__init__(rng=0)  # Mesa's generator decides nothing here
        self.scenario = scenario
        self.region = region
        self.draws = Draws(seed, replicate)
        self.clock = Clock(scenario.start, scenario.end)
        self.month = 0
        self.zones: list[Zone] = []
        self.centre: Centre
        self.ledger = Ledger(len(region.zones))
        self.norms: Norms
        "Means over the organisations of the start."
        self.absorption_edges: list[float] = []
        "Between the terciles of manufacturers' absorptive capacity at the start."
        self.shelf: dict[int, Achievement] = {}
        self.licences: dict[int, Licence] = {}
        self.dormant: Counter[tuple[int, int]] = Counter()
        "Achievements without further effect, by zone and month of going stale."
        self.closed: Counter[int] = Counter()
        "Branches that have closed so far, by zone."
        self.fates: Counter[str] = Counter()
        "How achievements ended so far."
        self.venture_urge = 0.0
        "Hazard of founding a venture upon a ripe achievement, cumulated over the months."
        self.begin_month()

    def begin_month(self) -> None:
        self.ledger.journal = []
        self.tally: Counter[tuple[str, int]] = Counter()
        "How often something happened this month, or for how many yuan, by name and zone."
        self.moved: Counter[tuple[str, int, int, str]] = Counter()
        "Movements from zone to zone, in number and in yuan."
        self.binned: Counter[tuple[str, int, int]] = Counter()
        "Histograms: how many in each bin, by name, zone and bin."
        self.offered: list[Achievement] = []
        "Achievements that their owners offer."
        self.requests: list[Request] = []
        "Payments asked for."
        self.rounds: list[Request] = []
        "Investments asked for."

    def step(self) -> None:
        """One month. In each part of it, everybody acts on what that part began with."""
        self.begin_month()

        # What the calendar says, and which firms it is the last month of.
        self.travel_times = self.timetable()
        if self.on("A3"):
            self.each(Park, "open_or_close")
        if self.on("A7"):
            self.each(Fund, "plan_year")
        if self.on("firms", tier="chain"):
            self.each(Enterprise, "consider_leaving")
            self.each(Manufacturer, "consider_leaving")

        # Who closes is decided first; then its owners get what is left.
        if self.on("A1"):
            self.each(Branch, "consider_closing")
        if self.on("A6"):
            self.each(Venture, "consider_closing")
        for branch in self.branches:
            if branch.leaving or branch.parent.leaving:
                branch.close()
        for venture in self.ventures:
            if venture.leaving:
                venture.close()
        if self.on("firms", tier="chain"):
            demography.depart(self)

        # Organisations earn and spend; funds sell stakes.
        self.each(Enterprise, "operate")
        self.each(Institute, "operate")
        self.each(University, "operate")
        self.each(Manufacturer, "operate")
        if self.on("A6"):
            self.each(Venture, "spend")
        if self.on("A7"):
            finance.sell_stakes(self)

        # New firms enter; those whose birthday it is grow or shrink.
        if self.on("firms", tier="chain"):
            demography.enter(self)
            self.each(Enterprise, "grow")
            self.each(Manufacturer, "grow")

        # Old achievements go stale, new ones are found.
        if self.on("A5"):
            research.clear_the_shelf(self)
            self.each(Enterprise, "find")
            self.each(Institute, "find")
            self.each(University, "find")

        # The promotion centre gets members; the market opens.
        if self.on("A4"):
            self.each(Institute, "consider_joining")
            self.each(University, "consider_joining")
            self.each(Manufacturer, "consider_registering")
        self.market = Market(self)

        # Who wants to pay whom how much: nothing is paid yet.
        if self.on("A5"):
            exchange.offer_what_is_due(self)
            self.each(Enterprise, "offer_services")
            self.each(Institute, "offer_services")
            self.each(University, "offer_services")
        if self.on("A4"):
            self.centre.introduce()
        for licence in self.licences.values():
            licence.bill()
        if self.on("A1", "A2"):
            self.each(Branch, "call_capital")
            self.each(Programme, "draw_pledge")
        if self.on("A7"):
            finance.seek_equity(self)

        # Whose bills can be paid: each payer's by seniority, then by lot.
        clear(self.requests, self.ledger.balance.__getitem__, lambda uid: self.lot("clearing.cash", uid))
        clear(self.rounds, lambda fund: fund.quota, lambda uid: self.lot("clearing.powder", uid))

        # They are paid.
        exchange.conclude(self)
        for contract in self.requests_of(ServiceContract):
            contract.sign()
        for investment in [*self.rounds_of(VentureRound), *self.rounds_of(ProgrammeRound)]:
            investment.settle()
        for bill in [*self.requests_of(Royalty), *self.requests_of(CapitalCall), *self.requests_of(Draw)]:
            bill.settle()

        # Programmes are pledged to parks, branches are founded, researchers found ventures.
        if self.on("A2"):
            parks.attract_programmes(self)
        if self.on("A1"):
            Founding(self).take_place()
        if self.on("A6"):
            ventures.spin_off(self)

        self.month += 1

    # Who is there.

    def each(self, kind: type[mesa.Agent], deed: str) -> None:
        """Every agent of a kind does something, one after the other; the order does not matter."""
        for agent in self.all(kind):
            getattr(agent, deed)()

    def all(self, kind: type[AgentKind]) -> list[AgentKind]:
        return list(self.agents_by_type.get(kind, ()))

    @property
    def origins(self) -> list[Origin]:
        return [*self.all(Enterprise), *self.all(Institute), *self.all(University)]

    @property
    def enterprises(self) -> list[Enterprise]:
        return self.all(Enterprise)

    @property
    def manufacturers(self) -> list[Manufacturer]:
        return self.all(Manufacturer)

    @property
    def branches(self) -> list[Branch]:
        return self.all(Branch)

    @property
    def programmes(self) -> list[Programme]:
        return self.all(Programme)

    @property
    def ventures(self) -> list[Venture]:
        return self.all(Venture)

    @property
    def funds(self) -> list[Fund]:
        return self.all(Fund)

    @property
    def governments(self) -> list[Government]:
        return self.all(Government)

    @property
    def parks(self) -> list[Park]:
        """In the order of the chain."""
        return sorted(self.all(Park), key=lambda park: park.rank)

    @cached_property
    def fields(self) -> range:
        return range(len(self.region.fields))

    # What the date and the levers say.

    def on(self, *systems: str, tier: str = "core") -> bool:
        """Whether one of these systems is switched on, and the model runs at this tier or a larger one."""
        reached = TIERS.index(self.scenario.tier) >= TIERS.index(tier)
        return reached and any(system in self.scenario.systems.on for system in systems)

    @property
    def date(self) -> str:
        return self.clock.label(self.month)

    @property
    def pressure(self) -> float:
        """To leave the source; 1 in 2016."""
        return self.scenario.decap_pressure.at(self.date)

    @property
    def powder(self) -> float:
        """What venture funds may invest; 1 in 2016."""
        return self.scenario.venture_powder.at(self.date)

    def price(self, month: int) -> float:
        """Prices grow steadily until their growth ends; they are 1 in the price year."""
        p = self.scenario.exchange
        last, base = self.clock.index(p.price_growth_end), self.clock.index(p.price_year)
        return math.exp(p.price_growth * ((min(month, last) - base) / 12))

    @property
    def walk(self) -> float:
        """Log founding hazard: a random walk over the years, zero in its anchor year and unfolding to both sides."""
        p, year = self.scenario.location.founding, self.clock.year(self.month)
        anchor = int(p.walk_anchor[:4])
        between = range(anchor + 1, year + 1) if year > anchor else range(anchor - 1, year - 1, -1)
        level = 0.0
        for one in between:
            level += p.walk * normal_quantile(self.draws.uniform("levels.walk", one))
        return level

    def hours(self, one: Zone, other: Zone) -> float:
        """Travel time between two zones this month."""
        return self.travel_times[one.number][other.number]

    def timetable(self) -> list[list[float]]:
        """Travel times of the month, from zone to zone."""
        rail, frozen_at = self.scenario.transport.rail, self.scenario.transport.frozen_at
        if self.scenario.calendar == "known_2016" and rail == "actual":
            rail, frozen_at = "frozen", LAST_KNOWN
        return self.region.travel.hours(self.date, rail, frozen_at).tolist()

    def lot(self, purpose: str, uid: int) -> float:
        """A draw that decides who comes first this month."""
        return self.draws.uniform(purpose, uid, self.month)

    # What happens is counted and asked for.

    def count(self, name: str, zone: Zone, number: int = 1) -> None:
        self.tally[name, zone.number] += number

    def move(self, name: str, origin: int, target: Zone, yuan: int) -> None:
        """From the zone of this number, or from elsewhere: the number of zones."""
        self.moved[name, origin, target.number, "number"] += 1
        self.moved[name, origin, target.number, "yuan"] += yuan

    def bin(self, histogram: str, zone: Zone, number: int) -> None:
        self.binned[histogram, zone.number, number] += 1

    def request(self, request: Request) -> None:
        self.requests.append(request)

    def ask_fund(self, investment: Request) -> None:
        self.rounds.append(investment)

    def requests_of(self, kind: type[RequestKind]) -> list[RequestKind]:
        return [one for one in self.requests if type(one) is kind]

    def rounds_of(self, kind: type[RequestKind]) -> list[RequestKind]:
        return [one for one in self.rounds if type(one) is kind]

    def invested_in(self, programme: Programme) -> int:
        """What funds have paid into a programme this month."""
        return sum(one.granted for one in self.rounds_of(ProgrammeRound) if one.programme is programme)

    def leaves_the_shelf(self, achievement: Achievement, fate: str) -> None:
        del self.shelf[achievement.uid]
        self.fates[fate] += 1
