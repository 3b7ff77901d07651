"""Where founders go: one logit over all zones, and over the rest of the country, by keyed race.

Each founder is also asked where it would go if no park pulled, by the same draws: where the two answers differ, the
parks have diverted it.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from twin.arithmetic import MILLION, exp, log

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.research import Achievement
    from twin.zones import Zone

SALES, RND, PRODUCTION = 0, 1, 2
"Types of branches."
NEAR_MANUFACTURING = {SALES: 0.3, RND: 0.3, PRODUCTION: 1.0}
"How far a type depends on manufacturing nearby."


class Attractions:
    """What the zones offer to founders at one moment."""

    def __init__(self, model: TwinModel) -> None:
        self.model = model
        self.p = model.scenario.location.choice
        self.open_parks = [park for park in model.parks if park.open]
        self.settled = Counter((b.zone.number, b.field, b.type) for b in model.branches)
        self.mass: Counter[tuple[int, int]] = Counter()
        for firm in model.manufacturers:
            self.mass[firm.zone.number, firm.field] += round(MILLION * math.sqrt(firm.size))
        zones = len(model.zones)
        self.mean_mass = {f: sum(self.mass[zone.number, f] for zone in model.zones) / zones for f in model.fields}
        self.mean_gdp = math.fsum(zone.gdp for zone in model.zones) / zones

    def manufacturing(self, zone: Zone, field: int) -> float:
        """Log of the manufacturing mass of a zone relative to the mean over zones; at least 1 in 100."""
        return log(max(self.mass[zone.number, field] / max(self.mean_mass[field], 1.0), 0.01))

    def economy(self, zone: Zone) -> float:
        """Log of how many sites the zone bundles, by its GDP."""
        return log(zone.gdp / self.mean_gdp)

    def for_branch(self, home: Zone, field: int, kind: int, zone: Zone) -> float:
        """exp(utility) of a zone for a branch, parks aside: costs, travel, size, others of its kind, manufacturing."""
        p = self.p
        settled = self.settled[zone.number, field, kind]
        utility = -p.rent * log(zone.rent) + p.size * self.economy(zone)
        if kind != RND:  # research does not mind wages
            utility -= p.wage * log(zone.wage)
        utility += p.agglomeration * math.log1p(settled / (p.agglomeration_unit * self.model.scenario.scale))
        utility += p.manufacturing * NEAR_MANUFACTURING[kind] * self.manufacturing(zone, field)
        utility += p.pull.get(zone.admin, 0.0) + self.model.drawn_by_environment(zone)
        utility -= p.travel * log(self.model.hours(home, zone))
        return exp(utility)

    def for_venture(self, achievement: Achievement, zone: Zone) -> float:
        """exp(utility) of a zone for a venture: home, travel, size, and manufacturing if there is much to produce."""
        p, home = self.model.scenario.location.venture, achievement.zone
        utility = self.p.size * self.economy(zone)
        utility += p.manufacturing * achievement.intensity * self.manufacturing(zone, achievement.field)
        utility += self.p.pull.get(zone.admin, 0.0) + self.model.drawn_by_environment(zone)
        utility -= p.travel * log(self.model.hours(home, zone))
        if not zone.receiving:
            utility += p.home
        return exp(utility)

    def park_pull(self, zone: Zone, strength: float) -> float:
        """Log odds that the strongest open park of a zone adds to it; its subsidy makes it stronger."""
        parks = [park for park in self.open_parks if park.zone is zone]
        return max([0.0, *(strength * (1.0 + park.subsidy) for park in parks)])


def choose(
    model: TwinModel, purpose: str, uid: int, weights: list[float], pull: list[float], elsewhere: float
) -> tuple[int, int]:
    """Number of the zone chosen, and of the one chosen if no park pulled; the number of zones is elsewhere."""
    pulled = [weight * exp(extra) for weight, extra in zip(weights, pull, strict=True)]
    chosen = model.draws.race(purpose, uid, model.month, [*pulled, elsewhere])
    instead = model.draws.race(purpose, uid, model.month, [*weights, elsewhere])
    return chosen, instead
