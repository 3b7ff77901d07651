"""Who buys what (model.md 4.2 to 4.5): service contracts, direct offers and introductions, said again firm by firm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.core.streams import normal_quantile
from twin.draws import child, exp, log, power
from twin.world import Achievement, Manufacturer, Origin, Twin, Zone

POSITIONS = 32
TERCILES = 3
WEIGHT_UNIT = 1_000_000
NEVER = 30_000
ASSIGNMENT, LICENCE, EQUITY = 0, 1, 2


@dataclass
class Contract:
    """A service contract that a buyer inside the region is asked to pay."""

    seller: int
    buyer: int
    payer: int
    yuan: int


@dataclass
class Deal:
    """An achievement that a buyer is asked to pay at signing."""

    achievement: int
    buyer: int
    payer: int
    mode: int
    price: int
    upfront: int
    fee: int
    asked: int


class Market:
    """The buyers of a month: what each weighs, and how far away each is."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.p = twin.scenario.exchange
        self.weight: dict[int, int] = {}
        self.members: dict[tuple[int, int, int, int], list[Manufacturer]] = {}
        for firm in twin.manufacturers:
            weight = power(firm.size, self.p.size_weight) * power(firm.absorption, self.p.absorption_weight)
            self.weight[firm.uid] = round(WEIGHT_UNIT * weight * (1.0 + self.p.need_bonus * firm.need))
            at = (firm.zone.number, firm.field, firm.position, firm.tercile)
            self.members.setdefault(at, []).append(firm)
        self.mass = {at: sum(self.weight[f.uid] for f in firms) for at, firms in self.members.items()}
        self._reach: dict[tuple[int, int, int], float] = {}

    def fit(self, one: int, other: int, tercile: int) -> float:
        """Cognitive fit of two positions on the circle: an inverted U around the buyer's optimal distance."""
        steps = abs(one - other)
        distance = min(steps, POSITIONS - steps) / (POSITIONS / 2)
        optimum = self.p.optimum_base + self.p.optimum_slope * (tercile + 0.5) / TERCILES
        return exp(-((distance - optimum) ** 2) / (2 * self.p.fit_width**2))

    def reach(self, zone: Zone, field: int, position: int) -> float:
        """Mass of the buyers of a zone and field, each cell weighed by its fit with a position."""
        known = self._reach.get((zone.number, field, position))
        if known is None:
            known = 0.0
            for (z, f, y, t), mass in sorted(self.mass.items()):
                if (z, f) == (zone.number, field):
                    known += mass * self.fit(position, y, t)
            known /= WEIGHT_UNIT
            self._reach[zone.number, field, position] = known
        return known

    def bonus(self, own: int, field: int) -> float:
        return math.exp(self.p.field_bonus) if own == field else 1.0

    def attraction(self, zone: Zone, field: int, position: int) -> float:
        """What all buyers of a zone weigh for an achievement, travel and border aside."""
        return sum(self.bonus(field, f) * self.reach(zone, f, position) for f in range(len(self.twin.fields)))

    def pull(self, seller: Zone, buyer: Zone) -> float:
        """What the way and the border leave of a buyer's weight."""
        crossing = self.twin.scenario.border.penalty if seller.admin != buyer.admin else 0.0
        hours = self.twin.hours[seller.number][buyer.number]
        return exp(-self.p.travel_elasticity * log(hours) - crossing)

    def buyer(self, uid: int, zone: Zone, field: int, position: int, outside: float) -> Manufacturer | None:
        """Who takes an offer: a zone or the outside, then field, cell and firm, each by its own race."""
        twin = self.twin
        draws, month, zones, fields = twin.draws, twin.month, twin.zones, range(len(twin.fields))
        weights = [self.pull(zone, z) * self.attraction(z, field, position) for z in zones]
        z = draws.race("market.zone", uid, month, [*weights, math.exp(outside) * twin.scale])
        if z == len(zones):
            return None
        weights = [self.bonus(field, f) * self.reach(zones[z], f, position) for f in fields]
        f = draws.race("market.field", child(uid, z), month, weights)
        weights = [
            self.mass.get((z, f, y, t), 0) * self.fit(position, y, t) for y in range(POSITIONS) for t in range(TERCILES)
        ]
        cell = draws.race("market.cell", child(uid, z * len(fields) + f), month, weights)
        firms = {firm.uid: firm for firm in self.members[z, f, cell // TERCILES, cell % TERCILES]}
        chosen = draws.race_of("market.firm", uid, month, {uid: self.weight[uid] for uid in firms})
        return firms[chosen]

    def value(self, achievement: Achievement, firm: Manufacturer) -> float:
        """What an achievement is worth to a firm, relative to the reserve price of quality 1."""
        return (
            self.p.value_to_reserve
            * power(achievement.quality, self.p.value_quality)
            * power(firm.size, self.p.value_sales)
            * firm.absorption
            * self.fit(achievement.position, firm.position, firm.tercile)
        )

    def deal(self, achievement: Achievement, firm: Manufacturer, price: float, fee: float) -> Deal:
        """Mode by keyed draw: an assignment is paid at once, a licence in part, equity in shares."""
        u = self.twin.draws.uniform("deals.mode", achievement.uid)
        if u < self.p.assignment:
            mode, share = ASSIGNMENT, 1.0
        elif u < self.p.assignment + self.p.licence:
            mode, share = LICENCE, self.p.licence_upfront
        else:
            mode, share = EQUITY, 0.0
        upfront, commission = round(price * share), round(price * fee)
        return Deal(
            achievement.uid, firm.uid, firm.account, mode, round(price), upfront, commission, upfront + commission
        )


def service_contracts(twin: Twin) -> dict[int, Contract]:
    """The contracts of a month that meet a buyer inside, by identity."""
    market, p, asked = Market(twin), twin.scenario.exchange, {}
    level = twin.price / twin.first_price
    median = p.service_mean * 1e6 * level * math.exp(-0.5 * p.value_sigma**2)
    for seller in twin.origins:
        for ordinal in range(twin.draws.poisson("services.count", seller.uid, twin.month, seller.contracts)):
            uid = child(seller.uid, (twin.month << 20) + ordinal)
            outside = twin.scenario.levels.outside_service
            buyer = market.buyer(uid, seller.zone, seller.field, seller.position, outside)
            if buyer is None:
                twin.count("contracts_outside", seller.zone)
                continue
            yuan = round(median * exp(p.value_sigma * twin.draws.normal("services.value", uid)))
            asked[uid] = Contract(seller.uid, buyer.uid, buyer.account, yuan)
    return asked


def direct_offers(twin: Twin) -> dict[int, Deal]:
    """The offers of a month that meet a buyer inside who pays at least the reserve, by identity."""
    market, agreed = Market(twin), {}
    for achievement in twin.achievements:
        if achievement.offered_at != twin.month:
            continue
        twin.count("achievements_offered", achievement.zone)
        outside = twin.scenario.levels.outside_transfer
        buyer = market.buyer(achievement.uid, achievement.zone, achievement.field, achievement.position, outside)
        if buyer is None:
            continue
        unit = twin.scenario.levels.reserve_price * 1e6 * twin.price
        reserve = unit * achievement.quality
        value = reserve / achievement.quality * market.value(achievement, buyer)
        if value < reserve:
            continue
        price = reserve + twin.scenario.exchange.bargaining * (value - reserve)
        agreed[achievement.uid] = market.deal(achievement, buyer, price, fee=0.0)
    return agreed


def introductions(twin: Twin) -> dict[int, Deal]:
    """What the promotion centre brokers in a month, by identity of the pair."""
    market, centre = Market(twin), twin.scenario.exchange.centre
    catalogue = {field: _presented(twin, field) for field in range(len(twin.fields))}
    agreed: list[tuple[int, Achievement, Manufacturer]] = []
    if not any(catalogue.values()):
        return {}
    for firm in _invited(twin):
        shown = sorted(
            catalogue[firm.field],
            key=lambda one: (twin.draws.uniform("centre.shown", child(firm.uid, one.uid), twin.month), one.uid),
        )[: centre.shown]
        if not shown:
            continue
        best = max(shown, key=lambda one: _worth(market, one, firm))
        if child(best.uid, firm.uid) in twin.licences:
            continue  # nobody licenses the same thing twice
        twin.count("introductions", firm.zone)
        pair = child(firm.uid, best.uid)
        penalty = twin.scenario.border.penalty * (1.0 - twin.scenario.platform.border_cut)
        odds = twin.scenario.levels.introduction + log(market.value(best, firm))
        odds -= penalty if best.zone.admin != firm.zone.admin else 0.0
        if twin.draws.uniform("centre.agree", pair, twin.month) < 1.0 / (1.0 + exp(-odds)):
            agreed.append((pair, best, firm))
    deals: dict[int, Deal] = {}
    taken: set[int] = set()
    # What is sold whole goes to the pair with the best keyed priority; a licence goes to all.
    agreed.sort(key=lambda one: (twin.draws.uniform("centre.whole", one[0], twin.month), one[0]))
    for pair, achievement, firm in agreed:
        deal = market.deal(achievement, firm, _brokered_price(twin, pair), centre.fee)
        if deal.mode == LICENCE or achievement.uid not in taken:
            deals[pair] = deal
        taken.add(achievement.uid)
    return deals


def _worth(market: Market, achievement: Achievement, firm: Manufacturer) -> float:
    return power(achievement.quality, market.p.value_quality) * market.fit(
        achievement.position, firm.position, firm.tercile
    )


def _invited(twin: Twin) -> list[Manufacturer]:
    """Registered needs of the centre's fields whose waiting time is shortest, as many as there is capacity for."""
    platform = twin.scenario.platform
    if twin.centre is None or platform.capacity == 0:
        return []
    capacity = platform.capacity * twin.scale * twin.centre_share
    places = math.floor(capacity)
    if twin.draws.uniform("centre.whole", 0, twin.month, draw=1) < capacity - places:
        places += 1
    registered = [f for f in twin.manufacturers if f.registered and twin.featured[f.field]]
    decay = twin.scenario.exchange.centre.access_decay

    def wait(firm: Manufacturer) -> float:
        nearness = power(twin.hours[twin.centre.number][firm.zone.number], -decay)
        return -log(twin.draws.uniform("centre.access", firm.uid, twin.month)) / nearness

    return sorted(registered, key=wait)[:places]


def _presented(twin: Twin, field: int) -> list[Achievement]:
    """The achievements of a field whose turn it is: of members, and of enterprises that list theirs."""

    def listed(owner: Origin) -> bool:
        return owner.member or owner.lists

    waiting = [
        a for a in twin.achievements if a.field == field and twin.month < a.offered_at < NEVER and listed(a.owner)
    ]
    waiting.sort(key=lambda a: (twin.draws.uniform("centre.turn", a.uid, twin.month), a.uid))
    p = twin.scenario.exchange.centre
    return waiting[: max(round(p.catalogue * twin.scale), p.shown)]


def _brokered_price(twin: Twin, pair: int) -> float:
    """Lognormal, cut off at the largest price that the centre handles."""
    p = twin.scenario.exchange.centre
    u = twin.draws.uniform("centre.price", pair)
    if p.price_sigma > 0.0:
        u *= 0.5 * math.erfc(-math.log(p.price_cap / p.price_median) / p.price_sigma / math.sqrt(2.0))
    return p.price_median * 1e6 * twin.price * exp(p.price_sigma * normal_quantile(u))
