"""Enterprises of the source: sizes with a heavy tail around sourced totals, seats by assumption."""

from __future__ import annotations

import numpy as np

from sim.agents.attributes import (
    Places,
    Reals,
    counted,
    draw_cells,
    draw_fields,
    draw_positions,
    lineage,
    tailed_sizes,
)
from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population, Rows
from sim.core.ledger import Ledger
from sim.core.streams import normals, purpose, uniforms
from sim.parameters.populations import Populations
from sim.region import Region

SIZE = purpose("enterprises.size")
RND = purpose("enterprises.rnd")
FIELD = purpose("enterprises.field")
POSITION = purpose("enterprises.position")
CELL = purpose("enterprises.cell")
LISTS = purpose("enterprises.lists")


def settle(
    origins: Population,
    ledger: Ledger,
    region: Region,
    places: Places,
    fields: Reals,
    p: Populations,
    key: np.uint64,
    scale: float,
) -> Rows:
    """Add the region's enterprises at `scale`, with cash for `cash_months` of R&D and wages."""
    zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts["enterprises"], scale))
    uid = lineage(1 + ENTERPRISE, zone)
    size = tailed_sizes(key, SIZE, uid, sigma=p.size_sigma, start=p.tail_start, alpha=p.tail_alpha, cap=p.tail_cap)
    field = draw_fields(key, FIELD, uid, fields)
    intensity = size * np.exp(p.rnd_sigma * normals(key, RND, uid, 0, 0))
    staff = region.totals["staff_per_enterprise"].amount * size
    rnd = region.totals["rnd_per_enterprise"].amount * intensity / max(intensity.mean(), 1e-300)
    income = region.totals["income_per_enterprise"].amount * size
    reserve = np.rint((rnd + staff * p.wage * 1e6) / 12 * p.cash_months).astype(np.int64)
    account = ledger.open("enterprises", zone)
    ledger.endow(account, reserve)
    return origins.grow(
        uid,
        kind=ENTERPRISE,
        zone=zone,
        cell=draw_cells(key, CELL, uid, 0, zone, places),
        field=field,
        position=draw_positions(key, POSITION, uid, field, len(region.fields), p.position_spread),
        staff=staff,
        rnd=rnd,
        lists=uniforms(key, LISTS, uid, 0, 0) < p.enterprise_listing,
        margin=np.rint(income * p.enterprise_margin / 12).astype(np.int64),
        outlay=np.rint(rnd / 12).astype(np.int64),
        reserve=reserve,
        account=account,
    )
