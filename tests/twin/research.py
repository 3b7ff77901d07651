"""Achievements: the origins find them, and all that becomes of them by themselves is drawn at birth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.draws import NEVER, child, geometric_quantile, normal_quantile

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Origin
    from twin.zones import Zone

POSITIONS = 32
"Positions of technology on a circle."
BEFORE_START = 2048
"Keeps the ordinals of months before the start positive."


@dataclass(eq=False, slots=True)
class Achievement:
    """A result on the shelf of its owner. A thing, no agent: others act upon it."""

    uid: int
    owner: Origin
    zone: Zone
    field: int
    position: int
    quality: float
    "Median 1."
    intensity: float
    "Production intensity, 0 to 1."
    born: int
    offered_at: int
    stale_at: int
    ripe_at: int
    "Month from which a researcher may found a venture upon it."
    urge: float
    "Cumulated hazard at which he does: an exponential threshold, counted from the month in which it is ripe."


class Inventor:
    """The role of an origin that finds achievements."""

    def find(self: Origin) -> None:
        """A Poisson number of achievements is found in a month."""
        model = self.model
        for ordinal in range(
            model.draws.poisson("research.births", self.uid, model.month, self.births * (1.0 + self.spillover))
        ):
            model.count("achievements_born", self.zone)
            self.bear(child(self.uid, ((model.month + BEFORE_START) << 20) + ordinal))

    def bear(self: Origin, uid: int) -> None:
        """Either it will be offered after a lag, and does not go stale before, or it goes stale after a while.

        At institutes it also grows ripe, by months for each level of maturity that is missing. What is neither offered
        nor ripe before it is stale has no further effect: it is dormant, and only counted.
        """
        model, draws, p = self.model, self.model.draws, self.model.scenario.research
        venture = model.scenario.location.venture
        offered_at = stale_at = ripe_at = NEVER
        u, lag = draws.pair("research.offer", uid)
        life, maturity = draws.pair("research.life", uid)
        if u < p.offered:
            months = math.exp(math.log(12 * p.lag_median) + math.log(p.lag_spread) * normal_quantile(lag))
            offered_at = min(model.month + math.ceil(months), NEVER - 1)
        else:
            monthly = 1.0 - (1.0 - p.obsolescence) ** (1.0 / 12)
            stale_at = min(model.month + geometric_quantile(life, monthly), NEVER)
        if self.is_institute:
            missing = max(venture.ripe - (1 + math.floor(maturity * p.first_maturity)), 0)
            ripe_at = min(model.month + math.ceil(missing * p.months_per_level), NEVER)
        if offered_at == NEVER and stale_at <= ripe_at:
            model.dormant[self.zone.number, min(stale_at, model.clock.months)] += 1
            return
        x, y = draws.pair("research.quality", uid)
        log_quality = p.quality_sigma * normal_quantile(x)
        first, second = draws.pair("research.urge", uid)
        urge = -math.log(first) * math.exp(-venture.quality * log_quality) if self.is_institute else math.inf
        model.shelf[uid] = Achievement(
            uid=uid,
            owner=self,
            zone=self.zone,
            field=self.field,
            position=(self.position + round(p.position_spread * normal_quantile(second))) % POSITIONS,
            quality=math.exp(log_quality),
            intensity=0.5 - math.sin(math.asin(1.0 - 2.0 * y) / 3.0),  # quantile of Beta(2, 2)
            born=model.month,
            offered_at=offered_at,
            stale_at=stale_at,
            ripe_at=ripe_at,
            urge=urge,
        )


def clear_the_shelf(model: TwinModel) -> None:
    """What has become obsolete leaves the shelf."""
    for achievement in list(model.shelf.values()):
        if achievement.stale_at == model.month:
            model.leaves_the_shelf(achievement, "stale")
    model.fates["forgotten"] += sum(model.dormant[zone.number, model.month] for zone in model.zones)
