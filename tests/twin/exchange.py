"""Who buys what from whom: service contracts, direct offers, the deals that follow, and licences paid by instalment."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import MILLION, exp, log, power, share_due, yuan
from twin.draws import NEVER, child
from twin.money import Request
from twin.research import POSITIONS, Achievement

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Manufacturer, Origin
    from twin.zones import Zone

TERCILES = 3
UNIT = MILLION
"A buyer's weight is counted in millionths, so that sums of weights are exact."
ASSIGNMENT, LICENCE, EQUITY = 0, 1, 2


class Market:
    """All buyers, and what makes one the likely buyer of an achievement.

    Utility of firm j for an offer: ln m_j - beta ln(hours) - b [border] + ln g + kappa [same field], where m_j is its
    weight and g its cognitive fit. Buying goes by the logit over all firms and the outside; it is chosen level by
    level: zone or outside, field, position and tercile, firm.
    """

    def __init__(self, model: TwinModel) -> None:
        self.model = model
        self.p = model.scenario.exchange
        self.weight: dict[int, int] = {}
        self.buyers: defaultdict[tuple[int, int, int, int], list[Manufacturer]] = defaultdict(list)
        "By zone, field, position and tercile."
        self.mass: Counter[tuple[int, int, int, int]] = Counter()
        "Their weight."
        for firm in model.manufacturers:
            self.weight[firm.uid] = self.weight_of(firm)
            cell = firm.zone.number, firm.field, firm.position, firm.tercile
            self.buyers[cell].append(firm)
            self.mass[cell] += self.weight[firm.uid]
        self._fit: dict[tuple[int, int, float], float] = {}
        self._reach: dict[tuple[int, int, int], float] = {}

    def weight_of(self, firm: Manufacturer) -> int:
        """Large firms, firms that can absorb, and firms with a need buy more."""
        weight = power(firm.size, self.p.size_weight) * power(firm.absorption, self.p.absorption_weight)
        return round(UNIT * (weight * (1.0 + self.p.need_bonus * firm.need)))

    def fit(self, position: int, other: int, tercile: int, further: float = 0.0) -> float:
        """Cognitive fit: best at a certain distance, which lies further off for who can absorb more."""
        steps = abs(position - other)
        at = min(steps, POSITIONS - steps), tercile, further
        if at not in self._fit:
            distance = 2.0 * at[0] / POSITIONS
            optimum = self.p.optimum_base + self.p.optimum_slope * (tercile + 0.5) / TERCILES + further
            self._fit[at] = exp(-((distance - optimum) ** 2) / (2 * self.p.fit_width**2))
        return self._fit[at]

    def reach(self, zone: int, field: int, position: int) -> float:
        """Weight of the buyers of a zone and field, each weighed by its fit with a position."""
        at = zone, field, position
        if at not in self._reach:
            there = [cell for cell in sorted(self.mass) if cell[:2] == (zone, field)]
            self._reach[at] = sum(self.mass[cell] * self.fit(position, *cell[2:]) for cell in there) / UNIT
        return self._reach[at]

    def bonus(self, own: int, field: int) -> float:
        return math.exp(self.p.field_bonus) if own == field else 1.0

    def attraction(self, zone: int, field: int, position: int) -> float:
        """What all buyers of a zone weigh for an offer, travel and border aside."""
        return sum(self.bonus(field, f) * self.reach(zone, f, position) for f in self.model.fields)

    def pull(self, seller: Zone, buyer: Zone) -> float:
        """What travel, the border and the buyers' environment make of their weight."""
        crossing = self.model.scenario.border.penalty if seller.admin != buyer.admin else 0.0
        drawn = self.model.drawn_by_environment(buyer)
        return exp(-self.p.travel_elasticity * log(self.model.hours(seller, buyer)) - crossing + drawn)

    def buyer(self, uid: int, zone: Zone, field: int, position: int, outside: float) -> Manufacturer | None:
        """Who takes an offer; nobody inside the region, if the outside wins the first race."""
        model, draws, month = self.model, self.model.draws, self.model.month
        weights = [self.pull(zone, other) * self.attraction(other.number, field, position) for other in model.zones]
        z = draws.race("market.zone", uid, month, [*weights, math.exp(outside) * model.scenario.scale])
        if z == len(model.zones):
            return None
        weights = [self.bonus(field, f) * self.reach(z, f, position) for f in model.fields]
        f = draws.race("market.field", child(uid, z), month, weights)
        cells = [(z, f, y, t) for y in range(POSITIONS) for t in range(TERCILES)]
        weights = [self.mass[cell] * self.fit(position, *cell[2:]) if self.mass[cell] else 0 for cell in cells]
        cell = draws.race("market.cell", child(uid, z * len(model.fields) + f), month, weights)
        alike = {firm.uid: firm for firm in self.buyers[cells[cell]]}
        return alike[draws.race_of("market.firm", uid, month, {uid: self.weight[uid] for uid in alike})]

    def value(self, achievement: Achievement, firm: Manufacturer) -> float:
        """What an achievement is worth to a firm, relative to the reserve price of one of quality 1."""
        return (
            self.p.value_to_reserve
            * power(achievement.quality, self.p.value_quality)
            * power(firm.size, self.p.value_sales)
            * firm.absorption
            * self.fit(achievement.position, firm.position, firm.tercile)
        )


class Seller:
    """The role of an origin that sells its services."""

    def offer_services(self: Origin) -> None:
        """Contracts to be had this month; each seeks a buyer, inside the region or outside."""
        model = self.model
        p, outside = model.scenario.exchange, model.scenario.levels.outside_service
        price = model.price(model.month) / model.price(0)
        median = p.service_mean * MILLION * price * math.exp(-0.5 * p.value_sigma**2)
        for ordinal in range(model.draws.poisson("services.count", self.uid, model.month, self.contracts)):
            uid = child(self.uid, (model.month << 20) + ordinal)
            buyer = model.market.buyer(uid, self.zone, self.field, self.position, outside)
            if buyer is None:
                model.count("contracts_outside", self.zone)
                continue
            value = yuan(median * exp(p.value_sigma * model.draws.normal("services.value", uid)))
            model.request(ServiceContract(uid, buyer.account, value, seller=self, buyer=buyer))

    def sell(self: Origin, tag: str, buyer: Manufacturer, price: int) -> None:
        """Receive a price; at an institute the inventors have a right to their share of it."""
        self.receive(tag, buyer.account, price)
        if self.is_institute:
            share = yuan(price * self.model.scenario.exchange.inventor_share)
            self.pay("inventors", self.model.ledger.outside, share)


@dataclass
class ServiceContract(Request):
    """No object, only a payment."""

    seller: Origin
    buyer: Manufacturer

    def settle(self) -> None:
        """What the buyer cannot pay goes to a buyer outside."""
        model = self.seller.model
        if not self.in_full:
            model.count("contracts_outside", self.seller.zone)
            return
        self.seller.sell("service", self.buyer, self.yuan)
        model.count("contracts_service", self.buyer.zone)
        model.count("contracts_yuan", self.buyer.zone, self.yuan)
        model.move("contracts_service", self.seller.zone.number, self.buyer.zone, self.yuan)


@dataclass(eq=False, slots=True)
class Agreement:
    """A buyer and a price for an achievement."""

    uid: int
    achievement: int
    "Its identity."
    seller: Origin
    buyer: Manufacturer
    origin: Zone
    "Of the seller."
    field: int
    position: int
    quality: float
    brokered: bool
    "Whether the promotion centre introduced the two."
    mode: int
    price: int
    upfront: int
    "Due at signing."
    fee: int
    "Of the promotion centre."
    until: int = -1
    "If its money has to be sought: the last month for that."
    fit: float = 0.0
    "Cognitive fit at signing."

    @property
    def takes_all(self) -> bool:
        """A brokered licence is not exclusive; any other deal takes the achievement off the shelf."""
        return self.mode != LICENCE or not self.brokered

    def conclude(self) -> None:
        """Pay what is due, and settle what remains."""
        seller, buyer, model = self.seller, self.buyer, self.seller.model
        seller.sell("deal", buyer, self.upfront)
        if self.brokered:
            buyer.pay("broker_fee", model.centre.account, self.fee)
            model.count("deals_brokered", buyer.zone)
            field = model.region.fields[self.field]
            if field.featured:
                model.count(f"deals_brokered_{field.key}", buyer.zone)
        if self.mode == EQUITY:
            buyer.issue_shares(seller.account.sector, self.price)
        if self.mode == LICENCE:
            owed = self.price - self.upfront
            uid = child(self.achievement, buyer.uid)
            instalment = share_due(owed, model.scenario.exchange.licence_months)
            model.licences[uid] = Licence(uid, buyer, seller, instalment, owed)
        self.fit = model.market.fit(self.position, buyer.position, buyer.tercile)
        model.signed.append(self)
        model.count("deals", buyer.zone)
        model.count("deals_yuan", buyer.zone, self.price)
        model.bin("deals_by_price", buyer.zone, half_octave(self.price))
        model.move("deals", self.origin.number, buyer.zone, self.price)


@dataclass
class Deal(Request):
    """What has to be paid for an achievement at signing, or nothing."""

    agreement: Agreement
    achievement: Achievement

    @property
    def need(self) -> str:
        return "introduction" if self.agreement.brokered else "offer"


@dataclass
class WaitingDeal(Request):
    """The same for an agreement that waits for its money."""

    agreement: Agreement
    need = "agreement"


def half_octave(amount: int) -> int:
    """The k for which 2^(k/2) <= amount < 2^((k+1)/2): squared, a comparison of whole numbers."""
    return (max(amount, 1) ** 2).bit_length() - 1


def agree(uid: int, achievement: Achievement, buyer: Manufacturer, price: float, *, brokered: bool) -> Deal:
    """The terms of a deal: an assignment is paid at once, a licence in part, equity in shares."""
    model = buyer.model
    p = model.scenario.exchange
    u = model.draws.uniform("deals.mode", achievement.uid)
    if u < p.assignment:
        mode, share = ASSIGNMENT, 1.0
    elif u < p.assignment + p.licence:
        mode, share = LICENCE, p.licence_upfront
    else:
        mode, share = EQUITY, 0.0
    upfront, fee = yuan(price * share), yuan(price * p.centre.fee) if brokered else 0
    agreement = Agreement(
        uid=uid, achievement=achievement.uid, seller=achievement.owner, buyer=buyer, origin=achievement.zone,
        field=achievement.field, position=achievement.position, quality=achievement.quality, brokered=brokered,
        mode=mode, price=yuan(price), upfront=upfront, fee=fee,
    )  # fmt: skip
    return Deal(uid, buyer.account, upfront + fee, agreement=agreement, achievement=achievement)


def offer_what_is_due(model: TwinModel) -> None:
    """Owners offer each achievement once, to everybody."""
    model.offered = [achievement for achievement in model.shelf.values() if achievement.offered_at == model.month]
    for achievement in model.offered:
        model.count("achievements_offered", achievement.zone)
        offer(model, achievement)


def offer(model: TwinModel, achievement: Achievement) -> None:
    """Who takes it pays at least the reserve, and part of what it is worth to him beyond."""
    outside = model.scenario.levels.outside_transfer
    buyer = model.market.buyer(achievement.uid, achievement.zone, achievement.field, achievement.position, outside)
    if buyer is None or child(achievement.uid, buyer.uid) in model.licences:
        return  # nobody licenses the same thing twice
    reserve = model.scenario.levels.reserve_price * MILLION * model.price(model.month) * achievement.quality
    value = reserve / achievement.quality * model.market.value(achievement, buyer)
    if value >= reserve:
        price = reserve + model.scenario.exchange.bargaining * (value - reserve)
        model.request(agree(achievement.uid, achievement, buyer, price, brokered=False))


def conclude(model: TwinModel) -> None:
    """What is paid for is signed. What is not waits for its money, if it takes the achievement off the shelf."""
    patience = model.scenario.finance.patience if model.scenario.tier != "core" else 0
    fate = {}
    for deal in model.requests_of(Deal):
        agreement = deal.agreement
        if deal.in_full:
            agreement.conclude()
            fate[agreement.achievement] = "sold" if agreement.takes_all else "on the shelf"
        elif agreement.takes_all and patience:
            agreement.until = model.month + patience
            model.agreements[agreement.uid] = agreement
            fate[agreement.achievement] = "agreed"
        else:
            model.count("deals_unfunded", agreement.buyer.zone)
    model.centre.spend_fees()
    for achievement in model.offered:
        if achievement.uid not in fate:
            model.count("deals_outside", achievement.zone)
            fate[achievement.uid] = "sold_outside"
    for achievement in list(model.shelf.values()):
        if fate.get(achievement.uid, "on the shelf") != "on the shelf":
            model.leaves_the_shelf(achievement, fate[achievement.uid])
    for waiting in model.requests_of(WaitingDeal):
        try_again(model, waiting)
    model.centre.spend_fees()


def seek_money_again(model: TwinModel) -> None:
    """Buyers seek the money for what they have agreed on."""
    for agreement in model.agreements.values():
        due = agreement.upfront + agreement.fee
        model.request(WaitingDeal(agreement.uid, agreement.buyer.account, due, agreement=agreement))


def try_again(model: TwinModel, waiting: WaitingDeal) -> None:
    """A deal that waited is concluded once its money is there, and dropped when patience is at an end."""
    agreement = waiting.agreement
    if waiting.in_full:
        agreement.conclude()
        fate = "sold"
    elif agreement.until <= model.month:
        model.count("deals_unfunded", agreement.buyer.zone)
        model.count("deals_outside", agreement.origin)
        fate = "sold_outside"
    else:
        return
    del model.agreements[agreement.uid]
    model.fates["agreed"] -= 1
    model.fates[fate] += 1


@dataclass(eq=False, slots=True)
class Licence:
    """A licence whose price is still being paid."""

    uid: int
    buyer: Manufacturer
    seller: Origin
    instalment: int
    "Due each month."
    owed: int

    def bill(self) -> None:
        model = self.seller.model
        due = min(self.instalment, self.owed)
        model.request(Royalty(self.uid, self.buyer.account, due, licence=self))


@dataclass
class Royalty(Request):
    """An instalment; what cannot be paid stays owed."""

    licence: Licence
    divisible = True

    def settle(self) -> None:
        licence = self.licence
        licence.seller.sell("royalty", licence.buyer, self.granted)
        licence.owed -= self.granted
        if licence.owed == 0:
            del licence.seller.model.licences[licence.uid]


def listed(model: TwinModel, achievement: Achievement) -> bool:
    """Whether the promotion centre may show it: of members and of who lists, if it is offered later."""
    owner = achievement.owner
    return model.month < achievement.offered_at < NEVER and (owner.member or owner.lists)
