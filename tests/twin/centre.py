"""The promotion centre: institutes join, firms register needs, and pairs are introduced."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import MILLION, chance_of, exp, log, logistic, power
from twin.draws import child, normal_quantile
from twin.exchange import LICENCE, agree, listed
from twin.research import Achievement

if TYPE_CHECKING:
    from twin.organisations import Manufacturer
    from twin.zones import Zone

COMPLETE = 0.95
"Share of its full capacity at which the platform counts as complete."


class Centre(Organisation):
    """Brokers achievements of its members to firms that have registered a need."""

    zone: Zone | None
    "Its seat, if there is a centre."

    @property
    def share(self) -> float:
        """Share of its full capacity: by hand at first, then a platform that grows logistically to its date."""
        clock, p = self.model.clock, self.model.scenario.platform
        if self.model.month < clock.index(p.start):
            return 0.0
        if p.date is None:
            return p.manual
        half_way = clock.index(p.date) - p.ramp * math.log(COMPLETE / (1.0 - COMPLETE))
        return max(p.manual, 1.0 / (1.0 + math.exp(-(self.model.month - half_way) / p.ramp)))

    @property
    def works(self) -> bool:
        return self.zone is not None and self.model.scenario.platform.capacity > 0

    @property
    def joining(self) -> float:
        """Chance that who may join does so this month."""
        return chance_of(self.model.scenario.exchange.centre.joining * self.share) if self.works else 0.0

    def introduce(self) -> None:
        """Each firm invited is shown some achievements of its field and may agree on the best."""
        model, agreed = self.model, []
        catalogue = {field: self.catalogue(field) for field in model.fields}
        for firm in self.invited():
            best = self.best_of(self.shown(catalogue[firm.field], firm), firm)
            if best is None or child(best.uid, firm.uid) in model.licences:
                continue  # nobody licenses the same thing twice
            model.count("introductions", firm.zone)
            if self.agrees(firm, best):
                uid = child(firm.uid, best.uid)
                agreed.append(agree(uid, best, firm, self.price(uid), brokered=True))
        # Only a licence can go to several; anything else goes to the pair with the best lot.
        agreed.sort(key=lambda deal: (model.lot("centre.whole", deal.uid), deal.uid))
        gone = set()
        for deal in agreed:
            if deal.agreement.mode == LICENCE or deal.achievement.uid not in gone:
                model.request(deal)
            gone.add(deal.achievement.uid)

    def spend_fees(self) -> None:
        """The centre spends what it earns."""
        self.pay("centre_cost", self.model.ledger.outside, self.cash)

    def invited(self) -> list[Manufacturer]:
        """Registered needs in the centre's fields, drawn by lot: those nearer to it have better odds."""
        if not self.works:
            return []
        model, p = self.model, self.model.scenario
        capacity = p.platform.capacity * p.scale * self.share
        places = math.floor(capacity)
        if model.draws.uniform("centre.whole", 0, model.month, draw=1) < capacity - places:
            places += 1

        def wait(firm: Manufacturer) -> float:
            nearness = power(model.hours(self.zone, firm.zone), -p.exchange.centre.access_decay)
            return -log(model.draws.uniform("centre.access", firm.uid, model.month)) / nearness

        registered = [
            firm for firm in model.manufacturers if firm.registered and model.region.fields[firm.field].featured
        ]
        return sorted(registered, key=wait)[:places]

    def catalogue(self, field: int) -> list[Achievement]:
        """The achievements of a field whose turn it is this month."""
        model, p = self.model, self.model.scenario.exchange.centre
        waiting = [one for one in model.shelf.values() if one.field == field and listed(model, one)]
        waiting.sort(key=lambda one: (model.draws.uniform("centre.turn", one.uid, model.month), one.uid))
        return waiting[: max(round(p.catalogue * model.scenario.scale), p.shown)]

    def shown(self, catalogue: list[Achievement], firm: Manufacturer) -> list[Achievement]:
        """A few of them, by lot."""
        model = self.model

        def lot(one: Achievement) -> float:
            return model.draws.uniform("centre.shown", child(firm.uid, one.uid), model.month)

        return sorted(catalogue, key=lot)[: model.scenario.exchange.centre.shown]

    def best_of(self, shown: list[Achievement], firm: Manufacturer) -> Achievement | None:
        market = self.model.market

        def worth(one: Achievement) -> float:
            return power(one.quality, market.p.value_quality) * market.fit(one.position, firm.position, firm.tercile)

        return max(shown, key=worth, default=None)

    def agrees(self, firm: Manufacturer, best: Achievement) -> bool:
        """By log odds of the value; the centre takes part of the border away."""
        model, p = self.model, self.model.scenario
        odds = p.levels.introduction + log(model.market.value(best, firm))
        if best.zone.admin != firm.zone.admin:
            odds -= p.border.penalty * (1.0 - p.platform.border_cut)
        return model.draws.happens(logistic(odds), "centre.agree", child(firm.uid, best.uid), model.month)

    def price(self, uid: int) -> float:
        """Lognormal, cut off at the largest price that the centre handles."""
        model, p = self.model, self.model.scenario.exchange.centre
        u = model.draws.uniform("centre.price", uid)
        if p.price_sigma > 0.0:
            edge = math.log(p.price_cap / p.price_median) / p.price_sigma
            u *= 0.5 * math.erfc(-edge / math.sqrt(2.0))
        return p.price_median * MILLION * model.price(model.month) * exp(p.price_sigma * normal_quantile(u))
