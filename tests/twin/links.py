"""Links in both directions between the source and the others: joint R&D, capital into the source, talent."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import MILLION, exp, power, yuan
from twin.draws import child
from twin.exchange import TERCILES
from twin.money import Request
from twin.research import POSITIONS

if TYPE_CHECKING:
    from twin.knowledge import Stock
    from twin.model import TwinModel
    from twin.organisations import Institute, Manufacturer
    from twin.ventures import Venture
    from twin.zones import Zone

FIRST = 1 << 43
QUARTER = 3


# Joint R&D.


@dataclass
class Part(Request):
    """What one of the two sides pays of a project."""

    seniority = 1


@dataclass
class Project:
    """An institute of the source and a manufacturer elsewhere share the cost of R&D."""

    institute: Institute
    partner: Manufacturer
    ours: Part
    theirs: Part

    def carry_out(self) -> None:
        """If both can pay; what is found out is known in both places."""
        if not (self.ours.in_full and self.theirs.in_full):
            return
        model, cost = self.institute.model, self.ours.yuan + self.theirs.yuan
        self.institute.pay("joint_rnd", model.ledger.outside, self.ours.yuan)
        self.partner.pay("joint_rnd", model.ledger.outside, self.theirs.yuan)
        model.knowledge.add(self.institute.cell, self.institute.field, cost)
        model.knowledge.add(self.partner.cell, self.institute.field, cost)
        model.count("joint_projects", self.partner.zone)
        model.count("joint_yuan", self.partner.zone, cost)
        model.move("joint_projects", self.institute.zone.number, self.partner.zone, cost)


def propose_projects(model: TwinModel) -> None:
    """Institutes propose as many as their share in all achievements lets expect."""
    p, draws = model.scenario.links.joint_research, model.draws
    achievements = math.fsum(institute.births for institute in model.institutes)
    for institute in model.institutes if achievements else ():
        mean = p.projects / 12 * model.scenario.scale * institute.births / achievements
        for ordinal in range(draws.poisson("joint.count", institute.uid, model.month, mean)):
            uid = child(institute.uid, FIRST + (model.month << 20) + ordinal)
            partner = partner_for(model, institute, uid)
            if partner:
                cost = MILLION * p.cost * exp(p.cost_sigma * draws.normal("joint.cost", uid))
                share = yuan(p.firm_share * cost)
                theirs = Part(uid, partner.account, share)
                ours = Part(uid, institute.account, yuan(cost) - share)
                model.projects.append(Project(institute, partner, ours, theirs))
                model.request(theirs)
                model.request(ours)


def partner_for(model: TwinModel, institute: Institute, uid: int) -> Manufacturer | None:
    """As a buyer is found, but of the own field, elsewhere, and at a larger cognitive distance."""
    market, field, month = model.market, institute.field, model.month
    further = model.scenario.links.joint_research.further

    def weights_in(zone: Zone) -> list[float]:
        cells = [(zone.number, field, y, t) for y in range(POSITIONS) for t in range(TERCILES)]
        return [
            market.mass[cell] * market.fit(institute.position, *cell[2:], further) if market.mass[cell] else 0
            for cell in cells
        ]

    by_zone = [
        market.pull(institute.zone, zone) * sum(weights_in(zone)) if zone.receiving else 0.0 for zone in model.zones
    ]
    z = model.draws.race("joint.zone", uid, month, by_zone)
    if z is None:
        return None
    cell = model.draws.race("joint.cell", child(uid, z), month, weights_in(model.zones[z]))
    alike = {firm.uid: firm for firm in market.buyers[z, field, *divmod(cell, TERCILES)]}
    return alike[model.draws.race_of("joint.firm", uid, month, {uid: market.weight[uid] for uid in alike})]


# Capital into the source.


@dataclass
class Stake(Request):
    """A manufacturer elsewhere invests in a venture of the source."""

    firm: Manufacturer
    venture: Venture
    seniority = 3

    def settle(self) -> None:
        if self.in_full and self.yuan > 0:
            model = self.firm.model
            self.firm.pay("backward_capital", self.venture.account, self.yuan)
            model.ledger.claim("equity", "manufacturers", "ventures", self.yuan)
            self.venture.backed += self.yuan
            model.count("capital_to_source_yuan", self.venture.zone, self.yuan)
            model.move("capital_to_source", self.firm.zone.number, self.venture.zone, self.yuan)


def look_for_ventures(model: TwinModel) -> None:
    """Once a year each manufacturer elsewhere may look for one of its field; it offers part of its cash to spare."""
    p = model.scenario.links.capital
    at_source = [venture for venture in model.ventures if not venture.zone.receiving]
    for firm in model.manufacturers:
        its_turn = firm.uid % 12 == model.month % 12
        chance = min(p.rate * power(firm.size, p.size), 1.0)
        if not (its_turn and firm.zone.receiving):
            continue
        if not model.draws.happens(chance, "backward.look", firm.uid, model.month):
            continue
        ventures = {venture.uid: venture for venture in at_source if venture.field == firm.field}
        weights = {
            uid: venture.quality * power(model.hours(firm.zone, venture.zone), -p.travel)
            for uid, venture in ventures.items()
        }
        chosen = model.draws.race_of("backward.venture", firm.uid, model.month, weights)
        if chosen is not None:
            offered = yuan(p.part * max(firm.cash - firm.reserve, 0))
            model.request(Stake(firm.uid, firm.account, offered, firm=firm, venture=ventures[chosen]))


# Talent.


def move_talent(model: TwinModel) -> None:
    """Each quarter researchers move to posts elsewhere and carry knowledge along; none is lost where they leave."""
    if model.month % QUARTER != QUARTER - 1:
        return
    p = model.scenario.links.talent
    spending: Counter[Zone] = Counter()
    for zone, _, _, amount in model.knowledge.spenders():
        spending[zone] += amount
    posts = {zone: 12 * spending[zone] / (MILLION * p.post) for zone in model.zones}
    moved: Counter[tuple[Zone, Zone]] = Counter()
    for home in model.zones:
        pull = {
            zone: posts[zone] * power(zone.wage, p.wage) * exp(model.drawn_by_environment(zone))
            * power(model.hours(home, zone), -p.travel)
            for zone in model.zones if zone is not home
        }  # fmt: skip
        total = sum(pull.values())
        for zone, weight in pull.items():
            expected = p.rate * QUARTER / 12 * posts[home] * (weight / total) if total > 0 else 0.0
            pair = child(home.number, zone.number)
            moved[home, zone] = model.draws.poisson("talent.move", pair, model.month, expected)
    carry_knowledge(model, moved)
    for (home, zone), number in moved.items():
        if home.admin != zone.admin:
            model.count("talent_moved", zone, number)
            for _ in range(number):
                model.move("talent", home.number, zone, 0)


def carry_knowledge(model: TwinModel, moved: Counter[tuple[Zone, Zone]]) -> None:
    """Each brings the mix of fields of the place that was left; it is spread over cells as knowledge is there."""
    zone_of = {cell: zone for zone in model.zones for cell, _ in zone.cells}
    held: Counter[Zone] = Counter()
    held_in: Counter[tuple[Zone, int]] = Counter()
    in_cell: Counter[int] = Counter()
    for (cell, field), amount in sorted(model.knowledge.stock.items()):
        held[zone_of[cell]] += amount
        held_in[zone_of[cell], field] += amount
        in_cell[cell] += amount
    brought: Counter[tuple[Zone, int]] = Counter()
    for (home, zone), number in moved.items():
        for field in model.fields if held[home] > 0 else ():
            share = held_in[home, field] / held[home]
            brought[zone, field] += MILLION * model.scenario.links.talent.carried * number * share
    added: Stock = {}
    for cell, amount in in_cell.items():
        for field in model.fields:
            added[cell, field] = amount / held[zone_of[cell]] * brought[zone_of[cell], field] if amount else 0.0
    for at, amount in added.items():
        model.knowledge.add(*at, amount)
