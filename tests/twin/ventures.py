"""Ventures of researcher-entrepreneurs: upon a ripe achievement, where manufacturing is or at home."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twin import parks
from twin.actors import Organisation
from twin.arithmetic import MILLION, exp
from twin.branches import exit_chance
from twin.choice import Attractions, choose
from twin.draws import child

if TYPE_CHECKING:
    from twin.financiers import Fund
    from twin.model import TwinModel
    from twin.organisations import Institute
    from twin.parks import Park
    from twin.research import Achievement
    from twin.zones import Zone

RUNWAY = 18
"Months for which a round of investment is meant to last."


class Venture(Organisation):
    """A firm founded upon an achievement of an institute."""

    owner: Institute
    "Where it came from."
    origin: Zone
    zone: Zone
    cell: int
    field: int
    quality: float
    park: Park | None
    born: int
    fund: Fund | None
    "Which holds a stake in it."
    invested_at: int
    stake: int
    "At cost."
    backed: int
    "Stakes of manufacturers from elsewhere, at cost."
    leaving: bool

    def consider_closing(self) -> None:
        """At the rate of branches of its age; more seldom where the alliance serves entrepreneurs."""
        model, p = self.model, self.model.scenario.location.venture
        scale = p.exit_scale / (1.0 + p.service_survival * model.services)
        chance = exit_chance(model, model.month - self.born) * scale
        self.leaving = model.draws.happens(chance, "ventures.exit", self.uid, model.month)

    def close(self) -> None:
        """What is left goes to founders and investors outside; stakes in it are written off."""
        self.model.count("ventures_closed", self.zone)
        self.model.ledger.claim("equity", "funds", "ventures", -self.stake)
        self.model.ledger.claim("equity", "manufacturers", "ventures", -self.backed)
        self.wind_up(self.model.ledger.outside)

    def spend(self) -> None:
        """Founders' money is spent at a fixed rate, investors' money over the runway."""
        frugal = round(self.model.scenario.location.venture.spending * MILLION / 12)
        self.pay("capex", self.model.ledger.outside, min(max(self.cash // RUNWAY, frugal), self.cash))

    def settle_in(self) -> None:
        """Cell, account and founders' money, once it is known which zone and which park it is."""
        model = self.model
        self.cell = self.park.cell if self.park else self.zone.cell_for(model.draws, "ventures.cell", self.uid)
        self.account = model.ledger.open("ventures", self.zone.number)
        own = math.floor(model.scenario.location.venture.own_money * MILLION)
        self.receive("founders", model.ledger.outside, own)
        model.count("ventures_founded", self.zone)
        model.move("ventures", self.origin.number, self.zone, own)


def spin_off(model: TwinModel) -> None:
    """A researcher founds when the hazard cumulated since his achievement was ripe passes its threshold."""
    here, p = Attractions(model), model.scenario.location.venture
    before = {zone: zone.venture_urge for zone in model.zones}
    for zone in model.zones:
        served = 1.0 + p.service_founding * model.services
        zone.venture_urge += model.scenario.levels.venture_hazard * served * exp(model.drawn_by_environment(zone))
    founded = []
    for achievement in list(model.shelf.values()):
        if achievement.ripe_at == model.month:  # only what is cumulated after ripeness counts
            achievement.urge += before[achievement.zone]
        if achievement.ripe_at <= model.month and achievement.urge <= achievement.zone.venture_urge:
            founded.append(found_upon(model, here, achievement))
            model.leaves_the_shelf(achievement, "venture")
    parks.admit(model, [parks.apply_for_park(venture, here, p.park) for venture in founded])
    for venture in founded:
        venture.settle_in()


def found_upon(model: TwinModel, here: Attractions, achievement: Achievement) -> Venture:
    """A venture upon an achievement, in the zone that it chooses."""
    uid = child(achievement.uid, 1 << 42)
    weights = [here.for_venture(achievement, zone) for zone in model.zones]
    pull = [here.park_pull(zone, model.scenario.location.venture.park) for zone in model.zones]
    chosen, _ = choose(model, "ventures.where", uid, weights, pull, elsewhere=0.0)
    return Venture(
        model, uid=uid, owner=achievement.owner, origin=achievement.zone, zone=model.zones[chosen],
        field=achievement.field, quality=achievement.quality, park=None, born=model.month, fund=None, invested_at=0,
        stake=0, backed=0, leaving=False,
    )  # fmt: skip
