"""Parks: they open and close, let tenants in while they have slots, subsidise them, and attract programmes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import MILLION, chance_of, exp, share_due, yuan
from twin.choice import Attractions
from twin.draws import child
from twin.money import Request

if TYPE_CHECKING:
    from twin.branches import Branch
    from twin.model import TwinModel
    from twin.organisations import Enterprise
    from twin.ventures import Venture
    from twin.zones import Zone

EXPANSION, RELOCATION, DIVERTED = 0, 1, 2
RUNWAY = 18
"Months over which a programme spends what it has left."
STRATA = 128
"Parts of all enterprises, out of which the leading one of a programme is drawn."


class Park(Organisation):
    """A site with dates, slots and a subsidy; its operator has an account."""

    rank: int
    "Its place in the chain of parks: by opening, then by name."
    zone: Zone
    cell: int
    announced_at: int
    opens_at: int
    closes_at: int
    subsidy_ends_at: int
    capacity: int
    subsidy: float
    "Share of a tenant's capital that its government adds."
    programmes: float
    "Programmes pledged in a month once it is open."
    open: bool

    def open_or_close(self) -> None:
        self.open = self.opens_at <= self.model.month < self.closes_at
        if self.subsidy_ends_at <= self.model.month:
            self.subsidy = 0.0

    def spend(self) -> None:
        """Its operator spends what it takes."""
        self.pay("park_services", self.model.ledger.outside, self.cash)

    @property
    def tenants(self) -> int:
        model = self.model
        return sum(tenant.park is self for tenant in [*model.branches, *model.programmes, *model.ventures])

    def pledges(self) -> list[Programme]:
        """Programmes pledged this month: a Poisson number that grows in a line from the announcement to the opening."""
        model, month = self.model, self.model.month
        if not self.announced_at <= month < self.closes_at:
            return []
        ramp = (month + 1 - self.announced_at) / max(self.opens_at - self.announced_at, 1)
        count = model.draws.poisson("programmes.pledge", self.uid, month, self.programmes * min(ramp, 1.0))
        return [self.pledge(child(self.uid, (month << 20) + ordinal)) for ordinal in range(count)]

    def pledge(self, uid: int) -> Programme:
        model, draws, p = self.model, self.model.draws, self.model.scenario.location.programme
        noise = draws.normal("programmes.amount", uid)
        pledged = yuan(p.amount_mean * MILLION * exp(p.amount_sigma * noise - 0.5 * p.amount_sigma**2))
        started = draws.happens(p.started, "programmes.start", uid)
        parent = leading_enterprise(model, uid)
        return Programme(
            model, uid=uid, parent=parent, origin=parent.zone, wanted=self, zone=self.zone, park=None,
            field=parent.field, industry=int(draws.uniform("programmes.industry", uid) * len(p.industries)),
            born=model.month, started=started, pledged=pledged, drawn=0,
            committed=yuan(pledged * p.realised * started),
        )  # fmt: skip


class Programme(Organisation):
    """An amount is pledged to a park, and part of it drawn over years."""

    parent: Enterprise | None
    "The leading enterprise, while it is there."
    origin: Zone
    wanted: Park
    "The park that it was pledged to."
    zone: Zone
    cell: int
    park: Park | None
    "The park that holds it."
    field: int
    industry: int
    motive: int
    born: int
    started: bool
    pledged: int
    "A promise, no flow."
    committed: int
    "What of the pledge will be drawn."
    drawn: int

    def settle_in(self) -> None:
        """Where it ends up, once it is known which park holds it."""
        model, site = self.model, self.park or self.wanted
        relocation = min(model.scenario.location.branch.relocation * model.pressure, 1.0)
        moves = model.draws.happens(relocation, "programmes.motive", self.uid)
        diverted = site.zone is not self.wanted.zone
        self.motive = DIVERTED if diverted else RELOCATION if moves else EXPANSION
        self.zone, self.cell = site.zone, site.cell
        self.account = model.ledger.open("programmes", self.zone.number)
        model.count("programmes_pledged", self.zone)
        model.count("programmes_pledged_yuan", self.zone, self.pledged)
        model.move("programmes", self.origin.number, self.zone, self.pledged)

    @property
    def due(self) -> int:
        """What is to be drawn this month."""
        months = self.model.scenario.location.programme.draw_months
        return min(share_due(self.committed, months), self.committed - self.drawn)

    @property
    def parents_part(self) -> int:
        return yuan(self.model.scenario.location.programme.parent_share * self.due)

    def spend_the_rest(self) -> None:
        """A programme of which nothing is to be drawn any more spends what it has left."""
        if self.drawn >= self.committed:
            self.pay("capex", self.model.ledger.outside, self.cash // RUNWAY)

    def draw_pledge(self) -> None:
        """Its parent is asked for a part of what is to be drawn; funds and partners outside pay the rest."""
        if self.drawn < self.committed:
            own = self.parents_part
            self.model.request(Draw(self.uid, self.parent.account, own, programme=self, partners=self.due - own))


@dataclass
class Draw(Request):
    """A parent pays what it can; the others do not wait for it."""

    programme: Programme
    partners: int
    "The others' part."
    seniority = 2
    divisible = True
    need = "programme_draw"

    def settle(self) -> None:
        programme = self.programme
        model = programme.model
        from_funds = model.invested_in(programme)
        from_partners = self.partners - from_funds
        programme.receive("programme_capital", programme.parent.account, self.granted)
        programme.receive("programme_partners", model.ledger.outside, from_partners)
        drawn = self.granted + from_partners + from_funds
        programme.drawn += drawn
        model.count("programmes_drawn_yuan", programme.zone, drawn)
        equip(programme, drawn)


def equip(tenant: Branch | Programme, paid: int) -> None:
    """The park's government adds its subsidy; most of the money buys equipment at once."""
    model = tenant.model
    grant = 0
    if tenant.park and tenant.park.open:
        grant = yuan(tenant.park.subsidy * paid)
        tenant.zone.government.spend("park_subsidy", tenant.account, grant)
    spent = yuan(model.scenario.location.branch.capex_share * (paid + grant))
    tenant.pay("capex", model.ledger.outside, spent)


def leading_enterprise(model: TwinModel, uid: int) -> Enterprise:
    """An enterprise by its staff: first a stratum, then one of it, so that two short races do instead of a long one."""
    strata = [[one for one in model.enterprises if one.stratum == number] for number in range(STRATA)]
    weights = [sum(round(1000 * one.staff) for one in members) for members in strata]
    chosen = model.draws.race("programmes.group", uid, model.month, weights)
    members = {one.uid: one for one in strata[chosen]}
    weight_of = {one.uid: round(1000 * one.staff) for one in strata[chosen]}
    return members[model.draws.race_of("programmes.parent", child(uid, chosen), model.month, weight_of)]


@dataclass
class Application:
    """Who wants into a park, and which one; none if it came for another reason than a park."""

    tenant: Branch | Programme | Venture
    park: Park | None


def apply_for_park(tenant: Branch | Venture, here: Attractions, strength: float) -> Application:
    """A founder wants into the first open park of its zone, with the chance that it came for a park."""
    model = tenant.model
    came_for_it = chance_of(here.park_pull(tenant.zone, strength))
    parks = [park for park in model.parks if park.open and park.zone is tenant.zone]
    wants = model.draws.happens(came_for_it, "parks.apply", tenant.uid, model.month)
    return Application(tenant, parks[0] if parks and wants else None)


def admit(model: TwinModel, applications: list[Application]) -> None:
    """Slots go by lot; who finds a park full may try the next one of the chain, and moves to its zone."""
    goes_on = model.scenario.location.programme.chain
    chain = [park for park in model.parks if park.open]
    free = Counter({park.uid: park.capacity - park.tenants for park in chain})
    applications = [one for one in applications if one.park]
    applications.sort(key=lambda one: (model.draws.uniform("parks.queue", one.tenant.uid, model.month), one.tenant.uid))
    for application in applications:
        tenant, first = application.tenant, chain.index(application.park)
        for park in chain[first:] + chain[:first]:
            pair = child(tenant.uid, park.uid)
            if park is not application.park and not model.draws.happens(goes_on, "parks.next", pair, model.month):
                break
            if free[park.uid] > 0:
                free[park.uid] -= 1
                tenant.park, tenant.zone = park, park.zone
                break


def attract_programmes(model: TwinModel) -> None:
    """Parks attract programmes from their announcement on; those that are open let them in."""
    pledged = [programme for park in model.parks for programme in park.pledges()]
    admit(model, [Application(one, one.wanted if one.wanted.open else None) for one in pledged])
    for programme in pledged:
        programme.settle_in()
