"""What firms have in common: an age, a size by one law, and means of the start to which they stay relative."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import exp, power
from twin.draws import NEVER, normal_quantile

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Enterprise, Manufacturer

SMALLEST = 0.001
"Relative size below which a firm is no frailer."
OLDEST_YEARS = 60


@dataclass(frozen=True)
class Norms:
    """Means over the organisations of the start, to which hazards and expectations stay relative, whoever comes and
    goes."""

    count: int
    "Origins at scale 1."
    research: float
    "Mean over origins of R&D spending to the power gamma_R."
    founding: float
    "Mean over enterprises of staff to the power gamma_L."
    capital: float
    "Mean over founders of staff to the power by which branch capital grows."

    @classmethod
    def of(cls, model: TwinModel) -> Norms:
        counts = model.region.zones.counts
        p = model.scenario.location
        research = [power(one.rnd, model.scenario.research.rnd_elasticity) for one in model.origins]
        founding = [power(one.staff, p.founding.size_elasticity) for one in model.enterprises]
        capital = [power(one.staff, p.branch.capital_size) for one in model.enterprises]
        by_hazard = sum(size * hazard for size, hazard in zip(capital, founding, strict=True))
        return cls(
            count=sum(int(counts[kind].sum()) for kind in ("enterprises", "institutes", "universities")),
            research=math.fsum(research) / max(len(research), 1),
            founding=math.fsum(founding) / max(len(founding), 1),
            capital=by_hazard / max(math.fsum(founding), 1e-300),
        )


class Firm:
    """The role of a firm, which has an age."""

    born: int
    leaves_at: int
    "Month in which it closes, as far as is decided."
    leaving: bool

    @property
    def has_birthday(self) -> bool:
        month = self.model.month
        return self.born < month and (month - self.born) % 12 == 0

    def consider_leaving(self: Enterprise | Manufacturer) -> None:
        """A firm leaves in the month that was decided; on its birthday the year that begins is decided."""
        self.leaving = self.leaves_at == self.model.month
        if self.has_birthday and not self.leaving:
            self.decide_on_year()

    def decide_on_year(self: Enterprise | Manufacturer) -> None:
        """Whether it leaves within a year, and in which month: the older and the larger, the less likely."""
        p, month = self.model.scenario.demography, self.model.month
        years = min((month - self.born) // 12, OLDEST_YEARS - 1)
        rate = p.exit_by_age[min(years, len(p.exit_by_age) - 1)]
        law = SizeLaw(self.model)
        size = law.moment(1.0) * max(self.relative_size, SMALLEST)
        chance = min(rate * power(size, -p.exit_size) / law.moment(-p.exit_size), 1.0)
        u = self.model.draws.uniform("firms.exit", self.uid, month)
        self.leaves_at = month + 1 + min(int(12 * u / chance), 11) if u < chance else NEVER

    def grow(self: Enterprise | Manufacturer) -> None:
        """Once a year each firm is multiplied by a lognormal factor, whatever its size (Gibrat)."""
        if self.has_birthday:
            p = self.model.scenario.demography
            noise = self.model.draws.normal("firms.growth", self.uid, self.model.month)
            self.resize(exp(p.growth - 0.5 * p.growth_sigma**2 + p.growth_sigma * noise))


class SizeLaw:
    """Sizes of firms: lognormal of median 1 below a quantile, Pareto above it, up to a cap."""

    def __init__(self, model: TwinModel) -> None:
        self.draws = model.draws
        self.p = model.scenario.populations
        self.has_tail = self.p.tail_start < 1.0
        self.edge = exp(self.p.size_sigma * normal_quantile(self.p.tail_start)) if self.has_tail else math.inf

    def draw(self, purpose: str, uid: int) -> float:
        u = self.draws.uniform(purpose, uid)
        if u < self.p.tail_start:
            return exp(self.p.size_sigma * normal_quantile(u))
        return self.edge * min(power((1.0 - self.p.tail_start) / (1.0 - u), 1.0 / self.p.tail_alpha), self.p.tail_cap)

    def moment(self, k: float) -> float:
        """E[size^k]: the lognormal body, what is between the edge and the cap, and the cap itself."""
        sigma, alpha, cap = self.p.size_sigma, self.p.tail_alpha, self.p.tail_cap
        body = math.exp((k * sigma) ** 2 / 2)
        if not self.has_tail:
            return body
        below = 0.5 * math.erfc((k * sigma - normal_quantile(self.p.tail_start)) / math.sqrt(2.0))
        capped = power(cap, k - alpha)
        between = alpha * (1.0 - capped) / (alpha - k) if alpha != k else alpha * math.log(cap)
        return body * below + (1.0 - self.p.tail_start) * power(self.edge, k) * (between + capped)
