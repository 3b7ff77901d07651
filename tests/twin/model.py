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
from twin import (
    chain,
    demography,
    environment,
    exchange,
    financiers,
    government,
    knowledge,
    links,
    needs,
    parks,
    research,
    servicing,
    technologies,
    ventures,
)
from twin.branches import Branch, CapitalCall, Founding
from twin.centre import Centre
from twin.debts import Credit
from twin.developments import Development, StageBill, industrialise
from twin.draws import Draws, normal_quantile
from twin.exchange import Agreement, Licence, Market, Royalty, ServiceContract
from twin.financiers import Bank, Financier, Fund, Insurer, Lessor, Member
from twin.firms import Norms
from twin.government import Government
from twin.knowledge import Knowledge
from twin.links import Project, Stake
from twin.money import Ledger, Request, clear
from twin.needs import ProgrammeRound, Want
from twin.organisations import Enterprise, Institute, Manufacturer, Origin
from twin.parks import Draw, Park, Programme
from twin.research import Achievement
from twin.technologies import Adoption, AdoptionBill, Technology
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
        # Things, which others act upon, by identity.
        self.shelf: dict[int, Achievement] = {}
        self.agreements: dict[int, Agreement] = {}
        self.licences: dict[int, Licence] = {}
        self.developments: dict[int, Development] = {}
        self.technologies: dict[int, Technology] = {}
        self.adoptions: dict[int, Adoption] = {}
        self.credits: dict[int, Credit] = {}
        self.knowledge: Knowledge
        # What is remembered.
        self.norms: Norms
        self.mean_absorption: float
        "Of manufacturers at the start."
        self.absorption_edges: list[float]
        "Between its terciles."
        self.last_year: list[tuple[dict[Zone, int], dict[Zone, int]]] = []
        "Deals and finance provided in each of the last twelve months."
        self.dormant: Counter[tuple[int, int]] = Counter()
        "Achievements without further effect, by zone and month of going stale."
        self.closed: Counter[int] = Counter()
        "Branches that have closed so far, by zone."
        self.fates: Counter[str] = Counter()
        "How achievements ended so far."
        self.begin_month()

    def begin_month(self) -> None:
        self.ledger.journal = []
        self.tally: Counter[tuple[str, int]] = Counter()
        "How often something happened this month, or for how many yuan, by name and zone."
        self.moved: Counter[tuple[str, int, int, str]] = Counter()
        "Movements from zone to zone, in number and in yuan."
        self.binned: Counter[tuple[str, int, int]] = Counter()
        "Histograms: how many in each bin, by name, zone and bin."
        self.requests: list[Request] = []
        "Payments asked for."
        self.wants: list[Want] = []
        "Money that is wanted for itself."
        self.offered: list[Achievement] = []
        "Achievements that their owners offer."
        self.projects: list[Project] = []
        "Joint R&D that is proposed."
        self.signed: list[Agreement] = []
        "Deals that are concluded."

    def step(self) -> None:
        """One month. In each part of it, everybody acts on what that part began with."""
        self.begin_month()
        on = self.on

        # What the calendar says: which parks are open, what financiers may provide, whose last month it is.
        self.travel_times = self.timetable()
        if on("A3"):
            self.each(Park, "open_or_close")
        if on("A7", "A8"):
            self.each(Financier, "plan")
        if on("firms", tier="chain"):
            self.each(Enterprise, "consider_leaving")
            self.each(Manufacturer, "consider_leaving")

        # Who closes is decided first. Then creditors get what there is, and owners what is left.
        if on("A1"):
            self.each(Branch, "consider_closing")
        if on("A6"):
            self.each(Venture, "consider_closing")
        if on("money", tier="chain"):
            servicing.wind_up(self)
        for branch in self.branches:
            if branch.leaving or branch.parent.leaving:
                branch.close()
        for venture in self.ventures:
            if venture.leaving:
                venture.close()
        if on("A10", tier="chain"):
            demography.end_developments(self)
        if on("firms", tier="chain"):
            demography.depart(self)
        if on("A7", tier="chain"):
            servicing.default(self)

        # Everybody earns and spends; financiers settle with their owners; taxes are paid, and shared.
        if on("A7", tier="chain"):
            financiers.settle_with_owners(self)
        self.each(Origin, "operate")
        self.each(Manufacturer, "operate")
        if on("A6"):
            self.each(Venture, "spend")
        if on("A2", tier="chain"):
            self.each(Programme, "spend_the_rest")
        if on("A1", tier="chain"):
            self.each(Branch, "earn")
            self.each(Park, "spend")
        if on("A7"):
            financiers.sell_stakes(self)
        if on("firms", tier="chain"):
            government.collect_taxes(self)
        if on("firms", tier="full"):
            government.share_taxes(self)

        # New firms enter; those whose birthday it is grow or shrink.
        if on("firms", tier="chain"):
            demography.enter(self)
            self.each(Enterprise, "grow")
            self.each(Manufacturer, "grow")

        # Old achievements go stale, new ones are found.
        if on("A4", "A5", "A6"):
            research.clear_the_shelf(self)
            self.each(Origin, "find")

        # The promotion centre gets members; the market opens.
        if on("A4"):
            self.each(Institute, "consider_joining")
            self.each(Manufacturer, "consider_registering")
        self.market = Market(self)

        # Who wants to pay whom how much: nothing is paid yet.
        if on("A5"):
            exchange.offer_what_is_due(self)
            self.each(Origin, "offer_services")
        if on("A4"):
            self.centre.introduce()
        exchange.seek_money_again(self)
        for licence in self.licences.values():
            licence.bill()
        if on("A10", tier="chain"):
            for development in self.developments.values():
                development.ask()
            for adoption in self.adoptions.values():
                adoption.ask()
        if on("A1", "A2"):
            self.each(Branch, "call_capital")
            self.each(Programme, "draw_pledge")
        if on("A11", tier="full"):
            links.propose_projects(self)
            links.look_for_ventures(self)
        if on("A7", tier="chain"):
            for credit in self.credits.values():
                servicing.bill(self, credit)

        # Who wants money for itself.
        if on("A7"):
            needs.seek_equity(self)
        if on("A7", tier="chain"):
            needs.seek_working_capital(self)
        if on("A8", tier="full"):
            needs.seek_backers(self)

        # Whose bills can be paid: each payer's by seniority, then by lot. What is lacking is sought along the chain.
        clear(self.requests, self.ledger, lambda uid: self.lot("clearing.cash", uid))
        if on("A7", "A8"):
            chain.finance(self)

        # They are paid.
        exchange.conclude(self)
        for project in self.projects:
            project.carry_out()
        for kind in (ServiceContract, StageBill, AdoptionBill, Stake, Royalty, CapitalCall, Draw, servicing.Bill):
            for request in self.requests_of(kind):
                request.settle()

        # Programmes are pledged to parks, branches are founded, researchers found ventures.
        if on("A2"):
            parks.attract_programmes(self)
        if on("A1"):
            Founding(self).take_place()
        if on("A6"):
            ventures.spin_off(self)

        # Achievements become technologies, which spread; knowledge, learning and the environment follow.
        if on("A10", tier="chain"):
            industrialise(self)
            technologies.adopt(self)
        if on("A10", tier="full"):
            knowledge.spill_over(self)
            knowledge.learn(self)
        if on("A9", tier="full"):
            environment.follow_activity(self)

        # Branches pay dividends, governments serve the public, researchers move.
        if on("A1", tier="chain"):
            self.each(Branch, "pay_dividend")
        if on("firms", tier="chain"):
            self.each(Government, "serve_the_public")
        if on("A11", tier="full"):
            links.move_talent(self)

        self.month += 1

    # Who is there.

    def each(self, kind: type[mesa.Agent], deed: str) -> None:
        """Every agent of a kind does something, one after the other; the order does not matter."""
        for agent in self.all(kind):
            getattr(agent, deed)()

    def all(self, kind: type[AgentKind]) -> list[AgentKind]:
        """Of a kind and of those that are kinds of it."""
        return [agent for each, agents in self.agents_by_type.items() if issubclass(each, kind) for agent in agents]

    @property
    def origins(self) -> list[Origin]:
        return self.all(Origin)

    @property
    def enterprises(self) -> list[Enterprise]:
        return self.all(Enterprise)

    @property
    def institutes(self) -> list[Institute]:
        return self.all(Institute)

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
    def banks(self) -> list[Bank]:
        return self.all(Bank)

    @property
    def insurers(self) -> list[Insurer]:
        return self.all(Insurer)

    @property
    def lessors(self) -> list[Lessor]:
        return self.all(Lessor)

    @property
    def members(self) -> list[Member]:
        return self.all(Member)

    @property
    def financiers(self) -> list[Financier]:
        return self.all(Financier)

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

    def lever(self, name: str) -> float:
        """A lever that is a path over dates."""
        return getattr(self.scenario, name).at(self.date)

    @property
    def benchmark(self) -> float:
        """Interest to which loans refer, a year."""
        return self.scenario.finance.benchmark.at(self.date)

    def members_that(self, deed: str) -> int:
        """Members of the alliance that hold campaigns ("crowdfund") or serve entrepreneurs ("makerspace")."""
        p = self.scenario.alliance
        works = p.start is not None and self.month >= self.clock.index(p.start)
        return p.members if works and p.reading in (deed, "both") else 0

    @property
    def services(self) -> float:
        """Members that serve entrepreneurs, relative to those of the alliance at its founding."""
        if not self.on("A8", tier="full"):
            return 0.0
        return self.members_that("makerspace") / self.scenario.finance.crowdfunding.members

    def drawn_by_environment(self, zone: Zone) -> float:
        """What a zone's environment adds to log odds."""
        return self.scenario.diffusion.environment.effect * zone.environment

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

    def want(self, want: Want) -> None:
        self.wants.append(want)

    def requests_of(self, kind: type[RequestKind]) -> list[RequestKind]:
        return [one for one in self.requests if type(one) is kind]

    def invested_in(self, programme: Programme) -> int:
        """What funds have paid into a programme this month."""
        rounds = [want for want in self.wants if isinstance(want, ProgrammeRound)]
        return sum(one.granted for one in rounds if one.programme is programme)

    def leaves_the_shelf(self, achievement: Achievement, fate: str) -> None:
        del self.shelf[achievement.uid]
        self.fates[fate] += 1
