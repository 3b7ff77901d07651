"""Branches: which enterprise founds one, where and with what capital; how it is paid in, and how it closes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin import parks
from twin.actors import Organisation
from twin.arithmetic import MILLION, chance_of, exp, log, power, share_due, yuan
from twin.choice import PRODUCTION, RND, SALES, Attractions, choose
from twin.draws import child
from twin.money import Request

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Enterprise
    from twin.parks import Park
    from twin.zones import Zone

EXPANSION, RELOCATION, DIVERTED = 0, 1, 2
OLDEST_YEARS = 60


class Branch(Organisation):
    """A branch or subsidiary of an enterprise of the source."""

    parent: Enterprise
    origin: Zone
    "Zone of its parent."
    zone: Zone
    cell: int
    field: int
    type: int
    "0 sales, 1 R&D, 2 production."
    subsidiary: bool
    motive: int
    instead: int
    "Number of the zone it would have gone to without levers; the number of zones: elsewhere."
    park: Park | None
    born: int
    frailty: float
    "Exit rate relative to the mean of its age."
    subscribed: int
    paid: int
    "Of the capital subscribed."
    leaving: bool
    margin: int
    "Of this month, net of rent."
    tax: int
    "Paid this month."
    shareable: int
    "Tax that may still be shared with the place it left."

    def consider_closing(self) -> None:
        """At a rate of its age; the tenant of a park that has closed, the sooner."""
        p, month = self.model.scenario.location.branch, self.model.month
        chance = exit_chance(self.model, month - self.born)
        if self.model.scenario.tier != "core":  # there its parent may leave too, and the rates count both
            parents = 1.0 - (1.0 - p.exit_with_parent) ** (1.0 / 12)
            chance = max(1.0 - (1.0 - chance) / (1.0 - parents), 0.0)
        hazard = chance * self.frailty * p.exit_scale
        if self.park and self.park.closes_at <= month:
            hazard *= p.exit_closed
        self.leaving = self.model.draws.happens(hazard, "branches.exit", self.uid, month)

    def close(self) -> None:
        """What is left goes to the parent."""
        self.model.count("branches_closed", self.zone)
        self.model.closed[self.zone.number] += 1
        self.model.bin("branches_closed_by_age", self.zone, (self.model.month - self.born) // 12)
        self.wind_up(self.parent.account)

    def earn(self) -> None:
        """A return on the capital paid in; tenants of an open park pay rent to its operator, who spends it."""
        model, p = self.model, self.model.scenario.location.branch
        self.margin = yuan(p.profit / 12 * self.paid)
        self.receive("margin", model.ledger.outside, self.margin)
        if self.park and self.park.open:
            rent = min(yuan(p.rent / 12 * self.zone.rent * self.paid), self.margin)
            self.pay("rent", self.park.account, rent)
            self.margin -= rent
            model.count("rents_yuan", self.zone, rent)

    def pay_dividend(self) -> None:
        """Part of the cash beyond what is kept of the capital goes to the parent."""
        p = self.model.scenario
        kept = (1.0 - p.location.branch.capex_share) * self.paid
        dividend = math.floor(p.populations.payout * max(self.cash - kept, 0.0) + 0.5)
        self.pay("dividend", self.parent.account, dividend)
        self.model.count("dividends_yuan", self.zone, dividend)

    def call_capital(self) -> None:
        """The capital subscribed is due in equal parts; what is not paid in twice the time is due no more."""
        months = self.model.scenario.location.branch.paid_in_months
        if self.paid < self.subscribed and self.model.month - self.born < 2 * months:
            due = min(share_due(self.subscribed, months), self.subscribed - self.paid)
            self.model.request(CapitalCall(self.uid, self.parent.account, due, branch=self))

    def settle_in(self) -> None:
        """Motive, legal form, capital and cell, once it is known which zone and which park it is."""
        model, parent = self.model, self.parent
        p, draws = model.scenario.location.branch, model.draws
        moves = draws.happens(min(p.relocation * model.pressure, 1.0), "branches.motive", self.uid, model.month)
        diverted = self.instead != self.zone.number
        self.motive = DIVERTED if diverted else RELOCATION if moves else EXPANSION
        self.subsidiary = draws.happens(p.subsidiary_share, "branches.legal", self.uid)
        noise = draws.normal("branches.capital", self.uid)
        mean = p.capital_mean * MILLION * p.capital_ratio.get(self.zone.admin, 1.0)
        mean *= power(parent.staff, p.capital_size) / model.norms.capital
        self.subscribed = yuan(mean * exp(p.capital_sigma * noise - 0.5 * p.capital_sigma**2))
        self.frailty = exp(-p.exit_capital * p.capital_sigma * noise)
        self.cell = self.park.cell if self.park else self.zone.cell_for(draws, "branches.cell", self.uid)
        self.account = model.ledger.open("branches", self.zone.number)
        model.count("branches_opened", self.zone)
        model.count("branch_capital_pledged_yuan", self.zone, self.subscribed)
        model.move("branches", self.origin.number, self.zone, self.subscribed)
        if self.motive == RELOCATION:
            model.count("branches_relocated", self.zone)
            model.move("branches_relocated", self.origin.number, self.zone, self.subscribed)
        if self.motive == DIVERTED:
            model.count("branches_diverted", self.zone)
            model.move("branches_diverted", self.instead, self.zone, self.subscribed)


@dataclass
class CapitalCall(Request):
    """A parent pays in what it can of what it has promised."""

    branch: Branch
    seniority = 1
    divisible = True
    need = "branch_capital"

    def settle(self) -> None:
        branch = self.branch
        branch.receive("branch_capital", branch.parent.account, self.granted)
        branch.paid += self.granted
        branch.model.count("branch_capital_paid_yuan", branch.zone, self.granted)
        parks.equip(branch, self.granted)


def exit_chance(model: TwinModel, months: int) -> float:
    """Chance to close in a month, from the yearly rate at the completed years of age."""
    rates = model.scenario.location.branch.exit_by_age
    years = min(max(months, 0) // 12, OLDEST_YEARS - 1)
    return 1.0 - (1.0 - rates[min(years, len(rates) - 1)]) ** (1.0 / 12)


class Founder:
    """The role of an enterprise that may found branches."""

    def found(self: Enterprise, here: Attractions) -> Branch | None:
        """Found a branch where it is best; None if that is elsewhere in the country."""
        model, p = self.model, self.model.scenario.location.branch
        uid = child(self.uid, (1 << 40) + model.month)
        u = model.draws.uniform("branches.type", uid)
        kind = SALES if u < p.sales_share else RND if u < p.sales_share + p.rnd_share else PRODUCTION
        weights = [here.for_branch(self.zone, self.field, kind, zone) for zone in model.zones]
        pull = [here.park_pull(zone, here.p.park) for zone in model.zones]
        elsewhere = math.exp(model.scenario.levels.outside_founding)
        chosen, instead = choose(model, "branches.where", uid, weights, pull, elsewhere)
        if chosen == len(model.zones):
            model.count("branches_elsewhere", self.zone)
            return None
        return Branch(
            model, uid=uid, parent=self, origin=self.zone, zone=model.zones[chosen], field=self.field, type=kind,
            instead=instead, park=None, born=model.month, paid=0, leaving=False, margin=0,
            tax=0, shareable=0,
        )  # fmt: skip


class Founding:
    """One month's founding of branches: everybody decides on what the month began with, then parks let them in."""

    def __init__(self, model: TwinModel) -> None:
        self.model = model
        self.p = model.scenario.location
        self.levels = model.scenario.levels
        self.here = Attractions(model)

    def take_place(self) -> None:
        model, founded = self.model, []
        homes = {(parent.zone, parent.field) for parent in model.enterprises}
        rate = {home: self.hazard(*home) for home in homes}
        expected = dict.fromkeys(homes, 0)
        for parent in model.enterprises:
            chance = chance_of(parent.founding * rate[parent.zone, parent.field])
            expected[parent.zone, parent.field] += math.floor(1e9 * chance)
            if model.draws.happens(chance, "branches.found", parent.uid, model.month):
                branch = parent.found(self.here)
                if branch is not None:
                    founded.append(branch)
        shares = {home: self.shares(*home) for home in homes}
        for zone in model.zones:
            number = sum(expected[home] * shares[home][zone] for home in homes)
            model.count("branches_expected", zone, round(number / 1e3))
        parks.admit(model, [parks.apply_for_park(branch, self.here, self.here.p.park) for branch in founded])
        for branch in founded:
            branch.settle_in()

    def hazard(self, home: Zone, field: int) -> float:
        """Monthly founding hazard of an average enterprise of a zone and field: a walk over the years, the pressure
        to leave the source, what the receiving zones offer, and the example of others."""
        p, model = self.p.founding, self.model
        drive = model.walk + p.pressure * (model.pressure - 1.0)
        drive += p.attraction * (self.attraction(home, field) - self.levels.branch_attraction)
        return self.levels.branch_hazard * exp(drive) + p.imitation * self.imitated(field)

    def weights(self, home: Zone, field: int, kind: int) -> dict[Zone, float]:
        """exp(utility) of each zone, parks included."""
        return {
            zone: self.here.for_branch(home, field, kind, zone) * exp(self.here.park_pull(zone, self.here.p.park))
            for zone in self.model.zones
        }

    def attraction(self, home: Zone, field: int) -> float:
        """Inclusive value of the receiving zones, mean over the types."""
        value = 0.0
        for kind, share in self.type_shares().items():
            weights = self.weights(home, field, kind)
            value += share * log(sum(weight for zone, weight in weights.items() if zone.receiving))
        return value

    def shares(self, home: Zone, field: int) -> dict[Zone, float]:
        """Chance that a founder ends in each zone, mean over the types."""
        elsewhere = math.exp(self.levels.outside_founding)
        chance = dict.fromkeys(self.model.zones, 0.0)
        for kind, share in self.type_shares().items():
            weights = self.weights(home, field, kind)
            total = sum(weights.values()) + elsewhere
            for zone, weight in weights.items():
                chance[zone] += share * weight / total
        return chance

    def type_shares(self) -> dict[int, float]:
        p = self.p.branch
        return {SALES: p.sales_share, RND: p.rnd_share, PRODUCTION: 1.0 - p.sales_share - p.rnd_share}

    def imitated(self, field: int) -> float:
        """Share of the enterprises of a field that have a branch outside the source."""
        peers = {one.uid for one in self.model.enterprises if one.field == field}
        owners = {branch.parent.uid for branch in self.model.branches if branch.zone.receiving}
        return len(peers & owners) / max(len(peers), 1)
