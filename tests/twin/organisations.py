"""Who is there from the start: enterprises, institutes, manufacturers, and what they live on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import power, yuan
from twin.branches import Founder
from twin.exchange import Seller
from twin.firms import Firm
from twin.research import Inventor

if TYPE_CHECKING:
    from twin.zones import Zone


class GoingConcern(Organisation):
    """Earns, spends on R&D as its cash allows, and lets its owners take part of what lies above its reserve."""

    zone: Zone
    cell: int
    field: int
    position: int
    "On a circle of 32 positions of technology."
    margin: int
    "Yuan a month before R&D."
    outlay: int
    "Yuan a month for R&D."
    reserve: int

    def operate(self) -> None:
        self.earn()
        outside = self.model.ledger.outside
        self.pay("rnd", outside, min(self.outlay, self.cash))
        above = max(self.cash - self.reserve, 0)
        self.pay("payout", outside, math.floor(self.model.scenario.populations.payout * above + 0.5))

    def earn(self) -> None:
        """The operating margin, net of all cost but R&D, is earned outside the model."""
        self.receive("margin", self.model.ledger.outside, self.margin)


class Origin(GoingConcern, Inventor, Seller):
    """An organisation of the source: it finds achievements and sells them."""

    born: int
    leaves_at: int
    leaving: bool
    staff: float
    stratum: int
    "Of enterprises: the part of all of them in which a programme looks for its leader."
    rnd: float
    "Yuan a year."
    births: float
    "Achievements expected in a month."
    spillover: float
    "Births that knowledge nearby adds to those expected, as a share of them."
    contracts: float
    "Service contracts expected in a month."
    founding: float
    "Founding hazard relative to the mean enterprise."
    lists: bool
    "Whether its achievements are in the promotion centre's catalogue without membership."
    member: bool
    "Of the promotion centre's platform."
    taxed: float
    "Taxes of a year, averaged over about three years."

    @property
    def relative_size(self) -> float:
        """Relative to the mean of the start."""
        return self.staff / self.model.region.totals["staff_per_enterprise"].amount

    def expect(self) -> None:
        """What an origin of this size may be expected to find, sell and found in a month."""
        scenario, norms = self.model.scenario, self.model.norms
        weight = power(self.rnd, scenario.research.rnd_elasticity) / norms.research
        self.births = weight * scenario.research.births / 12 / norms.count
        self.contracts = weight * scenario.exchange.contracts / 12 / norms.count
        self.founding = 0.0


class Enterprise(Origin, Firm, Founder):
    """An enterprise of the source, which may found branches."""

    kind = 0
    is_institute = False

    def expect(self) -> None:
        super().expect()
        elasticity = self.model.scenario.location.founding.size_elasticity
        self.founding = power(self.staff, elasticity) / self.model.norms.founding

    def resize(self, factor: float) -> None:
        """Become larger by a factor: staff, R&D, money, and what may be expected of it."""
        self.staff *= factor
        self.rnd *= factor
        self.margin = yuan(self.margin * factor)
        self.outlay = yuan(self.outlay * factor)
        self.reserve = yuan(self.reserve * factor)
        self.expect()

    def depart(self) -> None:
        """Close; its owners are outside."""
        self.model.count("enterprises_left", self.zone)
        self.wind_up(self.model.ledger.outside)


class Institute(Origin):
    """A research institute: its government pays what it spends, its inventors get part of what it sells for."""

    kind = 1
    is_institute = True

    def earn(self) -> None:
        self.zone.government.spend("budget", self.account, self.margin)

    def consider_joining(self) -> None:
        """Institutes join the promotion centre's platform, the sooner the more of it works."""
        if not self.member:
            self.member = self.model.draws.happens(self.model.centre.joining, "centre.join", self.uid, self.model.month)


class University(Institute):
    """As a research institute."""

    kind = 2


class Manufacturer(GoingConcern, Firm):
    """A buyer of achievements."""

    sales: float
    size: float
    "Sales relative to the mean at the start."
    absorption: float
    "Absorptive capacity, 0 to 1."
    tercile: int
    "Of its absorptive capacity among all."
    learned: float
    "Log odds of absorptive capacity gained since it began."
    lessons: int
    "Technologies developed or adopted since it last learned."
    adopted: int
    "Technologies that it has developed or adopted."
    need: bool
    registered: bool
    "Whether its need is known to the promotion centre."
    shares_enterprises: int
    "Issued to enterprises for achievements, at their price."
    shares_institutes: int

    @property
    def relative_size(self) -> float:
        return self.size

    def resize(self, factor: float) -> None:
        self.grow_by(factor)

    def grow_by(self, *factors: float) -> None:
        """Sales, and the books with them. Logarithms are summed in fixed point, so that their order cannot matter."""
        whole = math.exp(1e-12 * sum(round(1e12 * math.log(factor)) for factor in factors))
        self.sales *= whole
        self.size *= whole
        self.keep_books()

    def keep_books(self) -> None:
        """Margin and R&D of a month, and the cash that owners leave in the firm, as its sales say."""
        p = self.model.scenario.populations
        rnd = self.sales * p.manufacturer_rnd
        self.margin = yuan(self.sales * p.manufacturer_margin / 12)
        self.outlay = yuan(rnd / 12)
        self.reserve = yuan((rnd + self.sales * p.manufacturer_wages) / 12 * p.cash_months)

    def issue_shares(self, holder: str, price: int) -> None:
        """Pay for an achievement with shares, to enterprises or to institutes."""
        self.model.ledger.claim("equity", holder, "manufacturers", price)
        if holder == "enterprises":
            self.shares_enterprises += price
        else:
            self.shares_institutes += price

    def depart(self) -> None:
        """Close; its owners are outside, and shares in it are written off."""
        self.model.count("manufacturers_left", self.zone)
        self.model.ledger.claim("equity", "enterprises", "manufacturers", -self.shares_enterprises)
        self.model.ledger.claim("equity", "institutes", "manufacturers", -self.shares_institutes)
        self.wind_up(self.model.ledger.outside)

    def consider_registering(self) -> None:
        """Who has a need, and sits outside the source, registers it at the promotion centre."""
        if self.need and not self.registered and self.zone.receiving:
            self.registered = self.model.draws.happens(
                self.model.centre.joining, "centre.register", self.uid, self.model.month
            )
