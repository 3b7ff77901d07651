"""Enterprises of the source: sizes with a heavy tail around sourced totals, seats by assumption."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.achievements import NEVER
from sim.agents.attributes import Ground, Purposes, Reals, SizeLaw, Uids, counted, lineage, moment, relative
from sim.agents.origins import ENTERPRISE, STRATA
from sim.core.columns import Population, Rows
from sim.core.streams import normals, purpose, uniforms

SIZE = purpose("enterprises.size")
RND = purpose("enterprises.rnd")
PLACE = Purposes(
    purpose("enterprises.field"),
    purpose("enterprises.position"),
    purpose("enterprises.cell"),
)
LISTS = purpose("enterprises.lists")


def settle(origins: Population, ground: Ground, scale: float) -> Rows:
    """Add the region's enterprises at `scale`, with cash for `cash_months` of R&D and wages."""
    region, p = ground.region, ground.p
    zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts["enterprises"], scale))
    uid = lineage(1 + ENTERPRISE, zone)
    size = relative(SizeLaw.of(p).draw(ground.key, SIZE, uid))
    intensity = size * np.exp(p.rnd_sigma * normals(ground.key, RND, uid, 0, 0))
    rnd = region.totals["rnd_per_enterprise"].amount * intensity / max(intensity.mean(), 1e-300)
    rows = _found(origins, ground, uid, zone, size, rnd)
    by_staff = rows[np.lexsort((uid, origins.staff[rows]))]
    start = np.linspace(0, rows.size, STRATA + 1).astype(np.int64)
    origins.stratum[by_staff] = np.searchsorted(start, np.arange(rows.size), side="right") - 1
    ground.ledger.endow(origins.account[rows], origins.reserve[rows])
    return rows


def enter(origins: Population, ground: Ground, uid: Uids, zone: NDArray[np.int64], mean: float, month: int) -> Rows:
    """Add enterprises founded in a month, by the same law of sizes with a mean of `mean`; they have no cash yet."""
    p, law = ground.p, SizeLaw.of(ground.p)
    size = law.draw(ground.key, SIZE, uid) * (mean / moment(law, 1.0))
    intensity = size * np.exp(p.rnd_sigma * normals(ground.key, RND, uid, 0, 0) - p.rnd_sigma**2 / 2)
    rows = _found(origins, ground, uid, zone, size, ground.region.totals["rnd_per_enterprise"].amount * intensity)
    origins.born[rows] = month
    origins.stratum[rows] = uid % STRATA
    return rows


def _found(origins: Population, ground: Ground, uid: Uids, zone: NDArray[np.int64], size: Reals, rnd: Reals) -> Rows:
    """Enterprises of these sizes, relative to the mean of the start, and of this spending on R&D."""
    p, totals = ground.p, ground.region.totals
    staff = totals["staff_per_enterprise"].amount * size
    income = totals["income_per_enterprise"].amount * size
    return origins.grow(
        uid,
        kind=ENTERPRISE,
        **ground.described(PLACE, uid, zone),
        leaves_at=NEVER,
        staff=staff,
        rnd=rnd,
        lists=uniforms(ground.key, LISTS, uid, 0, 0) < p.enterprise_listing,
        margin=np.rint(income * p.enterprise_margin / 12).astype(np.int64),
        outlay=np.rint(rnd / 12).astype(np.int64),
        reserve=np.rint((rnd + staff * p.wage * 1e6) / 12 * p.cash_months).astype(np.int64),
        account=ground.ledger.open("enterprises", zone),
    )
