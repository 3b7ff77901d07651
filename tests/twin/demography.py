"""How firms come and go: a Poisson number enters each month; what refers to one that leaves ends with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import betaincinv

from twin.arithmetic import MILLION, exp, yuan
from twin.draws import NEVER, child
from twin.firms import SizeLaw
from twin.organisations import Enterprise, Manufacturer
from twin.parks import STRATA
from twin.research import POSITIONS

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.zones import Zone

LINEAGE = {"enterprises": 1, "manufacturers": 10}
"With the zone it makes the identity of which the newborn of a kind are children."
FIRST = 1 << 20
"Numbers below it belong to the firms of the start."
QUANTILES = 2048
"The law of absorptive capacity is known at so many points, and a line in between."


def enter(model: TwinModel) -> None:
    """New firms in each zone, as many as the number at the start lets expect, by the laws of those of the start."""
    for kind, found in (("manufacturers", found_manufacturer), ("enterprises", found_enterprise)):
        for zone in model.zones:
            at_start = int(model.region.zones.counts[kind][zone.number])
            expected = at_start * model.scenario.scale * model.scenario.demography.entry / 12
            place = 1000 * LINEAGE[kind] + zone.number
            for ordinal in range(model.draws.poisson("firms.entry", place, model.month, expected)):
                firm = found(model, child(place, FIRST * (model.month + 1) + ordinal), zone)
                firm.receive("founders", model.ledger.outside, firm.reserve)
                firm.decide_on_year()
                model.count(f"{kind}_entered", zone)


def found_enterprise(model: TwinModel, uid: int, zone: Zone) -> Enterprise:
    p, draws, totals = model.scenario.populations, model.draws, model.region.totals
    size = entrant_size(model, "enterprises.size", uid)
    noise = draws.normal("enterprises.rnd", uid)
    staff = totals["staff_per_enterprise"].amount * size
    income = totals["income_per_enterprise"].amount * size
    rnd = totals["rnd_per_enterprise"].amount * size * exp(p.rnd_sigma * noise - p.rnd_sigma**2 / 2)
    enterprise = Enterprise(
        model, uid=uid, **describe(model, "enterprises", uid, zone), staff=staff, stratum=uid % STRATA, rnd=rnd,
        lists=draws.happens(p.enterprise_listing, "enterprises.lists", uid), member=False, spillover=0.0, taxed=0.0,
        margin=yuan(income * p.enterprise_margin / 12), outlay=yuan(rnd / 12),
        reserve=yuan((rnd + staff * p.wage * MILLION) / 12 * p.cash_months),
        account=model.ledger.open("enterprises", zone.number),
    )  # fmt: skip
    enterprise.expect()
    return enterprise


def found_manufacturer(model: TwinModel, uid: int, zone: Zone) -> Manufacturer:
    p, draws = model.scenario.populations, model.draws
    size = entrant_size(model, "manufacturers.size", uid)
    a, b = p.absorption.get(zone.admin, (2.0, 5.0))
    absorption = beta_quantile(draws.uniform("manufacturers.absorption", uid), a, b)
    manufacturer = Manufacturer(
        model, uid=uid, **describe(model, "manufacturers", uid, zone), size=size,
        sales=model.region.totals["sales_per_manufacturer"].amount * size, absorption=absorption,
        tercile=sum(edge < absorption for edge in model.absorption_edges),
        need=draws.happens(p.need_share, "manufacturers.need", uid), registered=False,
        learned=0.0, lessons=0, adopted=0, shares_enterprises=0, shares_institutes=0,
        account=model.ledger.open("manufacturers", zone.number),
    )  # fmt: skip
    manufacturer.keep_books()
    return manufacturer


def entrant_size(model: TwinModel, purpose: str, uid: int) -> float:
    """Relative to the mean of the start."""
    law = SizeLaw(model)
    return law.draw(purpose, uid) * (model.scenario.demography.entrant_size / law.moment(1.0))


def describe(model: TwinModel, kind: str, uid: int, zone: Zone) -> dict[str, object]:
    """Where a new firm is, in space and in technology."""
    field = draw_field(model, f"{kind}.field", uid)
    centre = math.floor((field + 0.5) * POSITIONS / len(model.fields))
    noise = model.draws.normal(f"{kind}.position", uid)
    return {
        "zone": zone,
        "cell": zone.cell_for(model.draws, f"{kind}.cell", uid),
        "field": field,
        "position": (centre + round(model.scenario.populations.position_spread * noise)) % POSITIONS,
        "born": model.month,
        "leaves_at": NEVER,
        "leaving": False,
    }


def draw_field(model: TwinModel, purpose: str, uid: int) -> int:
    """By fixed shares; fields without one share the rest equally."""
    given = model.scenario.populations.field_shares
    keys = [field.key for field in model.region.fields]
    unnamed = [key for key in keys if key not in given]
    rest = max(1.0 - sum(given[key] for key in keys if key in given), 0.0)
    shares = [given.get(key, rest / max(len(unnamed), 1)) for key in keys]
    mark, passed = model.draws.uniform(purpose, uid) * sum(shares), 0.0
    for field, share in enumerate(shares):
        passed += share
        if passed > mark:
            return field
    return len(keys) - 1


def beta_quantile(u: float, a: float, b: float) -> float:
    """Of the law of absorptive capacity: a line between the nearest known points."""
    k = math.floor(u * QUANTILES)
    low, high = (float(betaincinv(a, b, at / QUANTILES)) for at in (k, k + 1))
    return low + (high - low) * (u * QUANTILES - k)


def end_developments(model: TwinModel) -> None:
    """Developments and adoptions end with their manufacturer; they go on without their seller, or their pioneer."""
    for development in list(model.developments.values()):
        if development.buyer.leaving:
            model.count("developments_orphaned", development.buyer.zone)
            del model.developments[development.uid]
        elif development.seller and development.seller.leaving:
            development.seller = None
    for adoption in list(model.adoptions.values()):
        if adoption.firm.leaving:
            del model.adoptions[adoption.uid]
    for technology in model.technologies.values():
        if technology.pioneer and technology.pioneer.leaving:
            technology.pioneer = None


def depart(model: TwinModel) -> None:
    """What refers to a firm that leaves ends with it; then its owners outside get what is left."""
    leavers = {firm for firm in [*model.enterprises, *model.manufacturers] if firm.leaving}
    for licence in list(model.licences.values()):
        if licence.buyer in leavers or licence.seller in leavers:
            del model.licences[licence.uid]
    for agreement in list(model.agreements.values()):
        if agreement.buyer in leavers or agreement.seller in leavers:
            del model.agreements[agreement.uid]
            model.fates["agreed"] -= 1
            model.fates["orphaned"] += 1
    for achievement in list(model.shelf.values()):
        if achievement.owner in leavers:
            model.leaves_the_shelf(achievement, "orphaned")
    for programme in model.programmes:
        if programme.parent in leavers:
            programme.parent = None
            programme.committed = programme.drawn
    for firm in leavers:
        firm.depart()
