"""Branches (model.md 4.6, 4.7): who founds one, where, with what capital, and who closes, said again one by one."""

from __future__ import annotations

import math

from twin.draws import child, exp, log, power
from twin.world import Branch, Origin, Park, Twin, Zone

SALES, RND, PRODUCTION = 0, 1, 2
TYPES = (SALES, RND, PRODUCTION)
EXPANSION, RELOCATION, DIVERTED = 0, 1, 2
OLDEST_YEARS = 60
REACH_KM = 20.0
NEAR_MANUFACTURING = {SALES: 0.3, RND: 0.3, PRODUCTION: 1.0}


def closures(twin: Twin) -> list[Branch]:
    """Branches that close this month; what is left in them goes to their parents."""
    p, closed = twin.scenario.location.branch, []
    for branch in twin.branches:
        hazard = monthly_exit(twin, twin.month - branch.born) * branch.frailty * p.exit_scale
        if branch.park and branch.park.closes_at <= twin.month:
            hazard *= p.exit_closed
        if twin.draws.uniform("branches.exit", branch.uid, twin.month) < hazard:
            twin.count("branches_closed", branch.zone)
            twin.pay(branch.account, branch.parent.account, twin.balance[branch.account])
            closed.append(branch)
    return closed


def monthly_exit(twin: Twin, months: int) -> float:
    """Chance to close in a month, from the yearly rate of the completed years of age."""
    rates = twin.scenario.location.branch.exit_by_age
    years = min(max(months, 0) // 12, OLDEST_YEARS - 1)
    yearly = min(rates[min(years, len(rates) - 1)], 1.0)
    return 1.0 - (1.0 - yearly) ** (1.0 / 12)


class Map:
    """What zones offer to founders this month."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.p = twin.scenario.location.choice
        self.mean_gdp = math.fsum(zone.gdp for zone in twin.zones) / len(twin.zones)
        self.settled: dict[tuple[int, int, int], int] = {}
        for branch in twin.branches:
            at = (branch.zone.number, branch.field, branch.type)
            self.settled[at] = self.settled.get(at, 0) + 1
        self.mass: dict[tuple[int, int], int] = {}
        for firm in twin.manufacturers:
            at = (firm.zone.number, firm.field)
            self.mass[at] = self.mass.get(at, 0) + round(1e6 * math.sqrt(firm.size))
        self.elsewhere = math.exp(twin.scenario.levels.outside_founding)

    def manufacturing(self, zone: Zone, field: int) -> float:
        """Log of the manufacturing mass relative to the mean over zones; at least 1 in 100."""
        total = sum(self.mass.get((z.number, field), 0) for z in self.twin.zones)
        mean = max(total / len(self.twin.zones), 1.0)
        return log(max(self.mass.get((zone.number, field), 0) / mean, 0.01))

    def base(self, home: Zone, field: int, kind: int, zone: Zone) -> float:
        """exp(utility) of a zone, parks aside."""
        p = self.p
        settled = self.settled.get((zone.number, field, kind), 0)
        utility = -p.rent * log(zone.rent) + p.size * log(zone.gdp / self.mean_gdp)
        if kind != RND:
            utility -= p.wage * log(zone.wage)
        utility += p.agglomeration * math.log1p(settled / (p.agglomeration_unit * self.twin.scale))
        utility += p.manufacturing * NEAR_MANUFACTURING[kind] * self.manufacturing(zone, field)
        utility += p.pull.get(zone.admin, 0.0)
        utility -= p.travel * log(self.twin.hours[home.number][zone.number])
        return exp(utility)

    def park_pull(self, zone: Zone) -> float:
        """Log odds that the strongest open park of a zone adds to it; none is weaker than nothing."""
        parks = [park for park in self.twin.parks if park.open and park.zone is zone]
        return max([0.0, *(self.p.park * (1.0 + park.subsidy) for park in parks)])

    def type_shares(self) -> dict[int, float]:
        p = self.twin.scenario.location.branch
        return {SALES: p.sales_share, RND: p.rnd_share, PRODUCTION: 1.0 - p.sales_share - p.rnd_share}

    def attraction(self, home: Zone, field: int) -> float:
        """Inclusive value of the receiving zones for a parent, mean over the types."""
        receiving = [zone for zone in self.twin.zones if zone.receiving]
        value = 0.0
        for kind, share in self.type_shares().items():
            inside = sum(self.base(home, field, kind, z) * exp(self.park_pull(z)) for z in receiving)
            value += share * log(inside)
        return value

    def chance(self, home: Zone, field: int, zone: Zone) -> float:
        """Chance that a founder ends in a zone, mean over the types."""
        chance = 0.0
        for kind, share in self.type_shares().items():
            weight = {z.number: self.base(home, field, kind, z) * exp(self.park_pull(z)) for z in self.twin.zones}
            chance += share * weight[zone.number] / (sum(weight.values()) + self.elsewhere)
        return chance


def hazard(twin: Twin, here: Map, home: Zone, field: int) -> float:
    """Monthly founding hazard of an average enterprise of a zone and field."""
    founding, levels = twin.scenario.location.founding, twin.scenario.levels
    drive = twin.walk + founding.pressure * (twin.pressure - 1.0)
    drive += founding.attraction * (here.attraction(home, field) - levels.branch_attraction)
    rate = levels.branch_hazard * exp(drive)
    if founding.imitation:
        rate += founding.imitation * _imitated(twin, field)
    return rate


def _imitated(twin: Twin, field: int) -> float:
    """Share of the field's enterprises that have a branch outside the source."""
    peers = {origin.uid for origin in twin.origins if origin.is_enterprise and origin.field == field}
    owners = {branch.parent.uid for branch in twin.branches if branch.zone.receiving}
    return len(peers & owners) / max(len(peers), 1)


def foundings(twin: Twin) -> list[Branch]:
    """The branches founded this month, before any capital is paid."""
    here = Map(twin)
    rates = {(z.number, f): hazard(twin, here, z, f) for z in twin.zones for f in range(len(twin.fields))}
    expected = dict.fromkeys(rates, 0)
    founded = []
    for parent in twin.origins:
        chance = -math.expm1(-parent.founding * rates[parent.zone.number, parent.field])
        expected[parent.zone.number, parent.field] += math.floor(1e9 * chance)
        if twin.draws.uniform("branches.found", parent.uid, twin.month) < chance:
            branch = found(twin, here, parent)
            if branch is not None:
                founded.append(branch)
    for zone in twin.zones:
        mean = sum(number * here.chance(twin.zones[z], f, zone) for (z, f), number in expected.items() if number)
        twin.count("branches_expected", zone, round(mean / 1e3))
    admit(twin, here, founded)
    for branch in founded:
        finish(twin, branch)
    return founded


def found(twin: Twin, here: Map, parent: Origin) -> Branch | None:
    """A branch where its founder wants it, or None if that is elsewhere in the country."""
    draws, p = twin.draws, twin.scenario.location.branch
    uid = child(parent.uid, (1 << 40) + twin.month)
    u = draws.uniform("branches.type", uid)
    kind = SALES if u < p.sales_share else RND if u < p.sales_share + p.rnd_share else PRODUCTION
    plain = [here.base(parent.zone, parent.field, kind, zone) for zone in twin.zones]
    pulled = [weight * exp(here.park_pull(zone)) for weight, zone in zip(plain, twin.zones, strict=True)]
    chosen = draws.race("branches.where", uid, twin.month, [*pulled, here.elsewhere])
    instead = draws.race("branches.where", uid, twin.month, [*plain, here.elsewhere])
    if chosen == len(twin.zones):
        twin.count("branches_elsewhere", parent.zone)
        return None
    return Branch(
        uid=uid, parent=parent, zone=twin.zones[chosen], cell=-1, field=parent.field, type=kind, subsidiary=False,
        motive=-1, instead=instead, park=None, born=twin.month, frailty=1.0, subscribed=0,
    )  # fmt: skip


def admit(twin: Twin, here: Map, founded: list[Branch]) -> None:
    """Parks let founders in by keyed priority; who finds his park full may try the next one of the chain."""
    draws, goes_on = twin.draws, twin.scenario.location.programme.chain
    chain = [park for park in twin.parks if park.open]
    free = {park.uid: max(park.capacity - park.tenants, 0) for park in chain}
    for branch in sorted(founded, key=lambda b: (draws.uniform("parks.queue", b.uid, twin.month), b.uid)):
        wanted = _application(twin, here, branch)
        if wanted is None:
            continue
        first = chain.index(wanted)
        for park in chain[first:] + chain[:first]:
            if park is not wanted and draws.uniform("parks.next", child(branch.uid, park.uid), twin.month) >= goes_on:
                break
            if free[park.uid]:
                free[park.uid] -= 1
                branch.park, branch.zone = park, park.zone
                break


def _application(twin: Twin, here: Map, branch: Branch) -> Park | None:
    """The first open park of the branch's zone, if its founder came for it."""
    came = twin.draws.uniform("parks.apply", branch.uid, twin.month) < -math.expm1(-here.park_pull(branch.zone))
    parks = [park for park in twin.parks if park.open and park.zone is branch.zone]
    return parks[0] if parks and came else None


def finish(twin: Twin, branch: Branch) -> None:
    """Motive, legal form, capital and cell of a branch whose zone and park are settled."""
    draws, p, parent = twin.draws, twin.scenario.location.branch, branch.parent
    moves = draws.uniform("branches.motive", branch.uid, twin.month) < min(p.relocation * twin.pressure, 1.0)
    diverted = branch.instead != branch.zone.number
    branch.motive = DIVERTED if diverted else RELOCATION if moves else EXPANSION
    branch.subsidiary = draws.uniform("branches.legal", branch.uid) < p.subsidiary_share
    enterprises = [origin for origin in twin.origins if origin.is_enterprise]
    norm = math.fsum(power(o.staff, p.capital_size) * o.founding for o in enterprises) / len(enterprises)
    ratio = p.capital_ratio.get(branch.zone.admin, 1.0)
    mean = p.capital_mean * 1e6 * ratio * power(parent.staff, p.capital_size) / norm
    noise = draws.normal("branches.capital", branch.uid)
    branch.subscribed = round(mean * exp(p.capital_sigma * noise - 0.5 * p.capital_sigma**2))
    branch.frailty = exp(-p.exit_capital * p.capital_sigma * noise)
    branch.cell = branch.park.cell if branch.park else _cell(twin, branch)
    twin.count("branches_opened", branch.zone)
    twin.count("branch_capital_pledged_yuan", branch.zone, branch.subscribed)
    if branch.motive == RELOCATION:
        twin.count("branches_relocated", branch.zone)
    if branch.motive == DIVERTED:
        twin.count("branches_diverted", branch.zone)


def _cell(twin: Twin, branch: Branch) -> int:
    """A cell of the zone: the farther from its centre, the less likely."""
    weights = [math.exp(-distance / REACH_KM) for _, distance in branch.zone.cells]
    mark = twin.draws.uniform("branches.cell", branch.uid) * sum(weights)
    passed = 0.0
    for (cell, _), weight in zip(branch.zone.cells, weights, strict=True):
        passed += weight
        if passed > mark:
            return cell
    return branch.zone.cells[-1][0]
