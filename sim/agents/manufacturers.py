"""Manufacturers: the buyers of achievements, with sales, a field and a capacity to absorb."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
from sim.core.columns import Column, Population, Rows
from sim.core.ledger import Ledger
from sim.core.streams import purpose, uniforms
from sim.parameters.populations import Populations
from sim.region import Region

Money = NDArray[np.int64]

SIZE = purpose("manufacturers.size")
FIELD = purpose("manufacturers.field")
POSITION = purpose("manufacturers.position")
CELL = purpose("manufacturers.cell")
ABSORPTION = purpose("manufacturers.absorption")
NEED = purpose("manufacturers.need")

TERCILES = 3
WEIGHT_UNIT = 1_000_000  # a buyer's weight is fixed-point, so that sums do not depend on order

COLUMNS = {
    "zone": Column(np.int16, "1", "zone of its works"),
    "cell": Column(np.int32, "1", "grid cell of its works"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "sales": Column(np.float64, "yuan/year", "sales"),
    "size": Column(np.float64, "1", "sales relative to the mean at the start"),
    "absorption": Column(np.float64, "share", "absorptive capacity A_j"),
    "tercile": Column(np.int8, "1", "tercile of its absorptive capacity among all at the start"),
    "need": Column(np.bool_, "1", "has a technology need"),
    "registered": Column(np.bool_, "1", "has registered its need at the promotion centre"),
    "margin": Column(np.int64, "yuan/month", "operating margin before R&D"),
    "outlay": Column(np.int64, "yuan/month", "spending on R&D"),
    "reserve": Column(np.int64, "yuan", "cash that owners leave in it"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def thirds(absorption: Reals) -> Reals:
    """Edges between the terciles of absorptive capacity."""
    if not absorption.size:
        return np.array([0.5, 0.5])
    return np.asarray(np.quantile(absorption, [1 / TERCILES, 2 / TERCILES]))


def books(sales: Reals, p: Populations) -> tuple[Money, Money, Money]:
    """What goes with yearly sales: margin and R&D of a month, and the cash that owners leave in the firm (yuan)."""
    rnd = sales * p.manufacturer_rnd
    margin = np.rint(sales * p.manufacturer_margin / 12).astype(np.int64)
    reserve = np.rint((rnd + sales * p.manufacturer_wages) / 12 * p.cash_months).astype(np.int64)
    return margin, np.rint(rnd / 12).astype(np.int64), reserve


def resize(firms: Population, rows: Rows, factor: Reals, p: Populations) -> None:
    """Multiply sales by `factor`; size, margin, outlay and reserve follow.

    A firm named several times is multiplied by all its factors, from the smallest to the largest, so that neither the
    order of naming nor that of rows can matter.
    """
    if not rows.size:
        return
    order = np.lexsort((factor, rows))
    rows, first = np.unique(rows[order], return_index=True)
    whole = np.multiply.reduceat(factor[order], first)
    firms.sales[rows] *= whole
    firms.size[rows] *= whole
    firms.margin[rows], firms.outlay[rows], firms.reserve[rows] = books(firms.sales[rows], p)


def settle(
    ledger: Ledger, region: Region, places: Places, fields: Reals, p: Populations, key: np.uint64, scale: float
) -> Population:
    """The region's manufacturers at `scale`."""
    from scipy.special import betaincinv

    zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts["manufacturers"], scale))
    uid = lineage(10, zone)
    size = tailed_sizes(key, SIZE, uid, sigma=p.size_sigma, start=p.tail_start, alpha=p.tail_alpha, cap=p.tail_cap)
    sales = region.totals["sales_per_manufacturer"].amount * size
    field = draw_fields(key, FIELD, uid, fields)
    shape = np.array([p.absorption.get(a.key, (2.0, 5.0)) for a in region.admins])[region.zones.admin[zone]]
    absorption = np.asarray(betaincinv(shape[:, 0], shape[:, 1], uniforms(key, ABSORPTION, uid, 0, 0)), np.float64)
    margin, outlay, reserve = books(sales, p)
    account = ledger.open("manufacturers", zone)
    ledger.endow(account, reserve)
    population = Population("manufacturers", COLUMNS, max(uid.size, 1))
    population.grow(
        uid,
        zone=zone,
        cell=draw_cells(key, CELL, uid, 0, zone, places),
        field=field,
        position=draw_positions(key, POSITION, uid, field, len(region.fields), p.position_spread),
        sales=sales,
        size=size,
        absorption=absorption,
        tercile=np.searchsorted(thirds(absorption), absorption).astype(np.int8),
        need=uniforms(key, NEED, uid, 0, 0) < p.need_share,
        margin=margin,
        outlay=outlay,
        reserve=reserve,
        account=account,
    )
    return population
