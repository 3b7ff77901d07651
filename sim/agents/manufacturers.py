"""Manufacturers: the buyers of achievements, with sales, a field and a capacity to absorb."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.agents.achievements import NEVER
from sim.agents.attributes import Ground, Purposes, Reals, SizeLaw, Uids, counted, lineage, moment, relative
from sim.core.columns import Column, Population, Rows
from sim.core.compiled import kernel
from sim.core.streams import purpose, uniforms
from sim.parameters.populations import Populations

Money = NDArray[np.int64]

SIZE = purpose("manufacturers.size")
PLACE = Purposes(
    purpose("manufacturers.field"),
    purpose("manufacturers.position"),
    purpose("manufacturers.cell"),
)
ABSORPTION = purpose("manufacturers.absorption")
NEED = purpose("manufacturers.need")

TERCILES = 3
GRID = np.linspace(0.0, 1.0, 2049)
WEIGHT_UNIT = 1_000_000  # a buyer's weight is fixed-point, so that sums do not depend on order

COLUMNS = {
    "serial": Column(np.int32, "1", "how many came before it"),
    "zone": Column(np.int16, "1", "zone of its works"),
    "cell": Column(np.int32, "1", "grid cell of its works"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "born": Column(np.int16, "month", "month of founding"),
    "leaves_at": Column(np.int16, "month", "month in which it closes, as far as is decided, or never"),
    "leaving": Column(np.bool_, "1", "closes this month"),
    "sales": Column(np.float64, "yuan/year", "sales"),
    "size": Column(np.float64, "1", "sales relative to the mean at the start"),
    "absorption": Column(np.float64, "share", "absorptive capacity A_j"),
    "tercile": Column(np.int8, "1", "tercile of its absorptive capacity among all at the start"),
    "learned": Column(np.float64, "log odds", "absorptive capacity gained since it began"),
    "lessons": Column(np.int16, "count", "technologies developed or adopted since it last learned"),
    "adopted": Column(np.int16, "count", "technologies that it has developed or adopted"),
    "need": Column(np.bool_, "1", "has a technology need"),
    "registered": Column(np.bool_, "1", "has registered its need at the promotion centre"),
    "margin": Column(np.int64, "yuan/month", "operating margin before R&D"),
    "outlay": Column(np.int64, "yuan/month", "spending on R&D"),
    "reserve": Column(np.int64, "yuan", "cash that owners leave in it"),
    "shares_enterprises": Column(np.int64, "yuan", "shares issued to enterprises for achievements, at their price"),
    "shares_institutes": Column(np.int64, "yuan", "shares issued to institutes for achievements, at their price"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def settle(ground: Ground, scale: float) -> Population:
    """The region's manufacturers at `scale`."""
    from scipy.special import betaincinv

    region = ground.region
    zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts["manufacturers"], scale))
    uid = lineage(10, zone)
    population = Population("manufacturers", COLUMNS, max(uid.size, 1))
    rows = _found(population, ground, uid, zone, relative(SizeLaw.of(ground.p).draw(ground.key, SIZE, uid)))
    shape = _absorption(ground)[region.zones.admin[zone]]
    population.absorption[:] = betaincinv(shape[:, 0], shape[:, 1], uniforms(ground.key, ABSORPTION, uid, 0, 0))
    population.tercile[:] = np.searchsorted(thirds(population.absorption), population.absorption)
    ground.ledger.endow(population.account[rows], population.reserve[rows])
    return population


def enter(
    firms: Population, ground: Ground, uid: Uids, zone: NDArray[np.int64], mean: float, month: int, edges: Reals
) -> Rows:
    """Add manufacturers founded in a month, by the same law of sizes with a mean of `mean`; they have no cash yet."""
    law = SizeLaw.of(ground.p)
    size = law.draw(ground.key, SIZE, uid) * (mean / moment(law, 1.0))
    rows = _found(firms, ground, uid, zone, size)
    firms.born[rows] = month
    u, admin = uniforms(ground.key, ABSORPTION, uid, 0, 0), ground.region.zones.admin[zone]
    for k, shape in enumerate(_absorption(ground)):
        firms.absorption[rows[admin == k]] = np.interp(u[admin == k], GRID, _quantiles(*shape))
    firms.tercile[rows] = np.searchsorted(edges, firms.absorption[rows])
    return rows


def _found(firms: Population, ground: Ground, uid: Uids, zone: NDArray[np.int64], size: Reals) -> Rows:
    """Manufacturers of these sizes, relative to the mean of the start."""
    p = ground.p
    sales = ground.region.totals["sales_per_manufacturer"].amount * size
    margin, outlay, reserve = books(sales, p)
    return firms.grow(
        uid,
        **ground.described(PLACE, uid, zone),
        leaves_at=NEVER,
        sales=sales,
        size=size,
        need=uniforms(ground.key, NEED, uid, 0, 0) < p.need_share,
        margin=margin,
        outlay=outlay,
        reserve=reserve,
        account=ground.ledger.open("manufacturers", zone),
    )


def _absorption(ground: Ground) -> Reals:
    """Shapes of the Beta law of absorptive capacity, one row an administration."""
    return np.array([ground.p.absorption.get(admin.key, (2.0, 5.0)) for admin in ground.region.admins])


@lru_cache(maxsize=64)
def _quantiles(a: float, b: float) -> Reals:
    """Quantiles of Beta(a, b) at the probabilities of the grid: the few that come each month need no more."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, GRID))


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
    """Multiply sales by `factor` (> 0); size, margin, outlay and reserve follow.

    A firm may be named several times: logarithms are summed in fixed point (to 1e-12), so that neither the order of
    naming nor that of rows can matter.
    """
    changed = _multiply(rows, factor, firms.sales, firms.size)
    firms.margin[changed], firms.outlay[changed], firms.reserve[changed] = books(firms.sales[changed], p)


@kernel
def _multiply(rows, factor, sales, size):  # type: ignore[no-untyped-def]
    """Returns the rows that were named, each once."""
    total = np.zeros(sales.size, np.int64)
    named = np.zeros(sales.size, np.bool_)
    once = np.empty(rows.size, np.int64)
    n = 0
    for i in range(rows.size):
        row = rows[i]
        total[row] += np.int64(np.rint(1e12 * math.log(factor[i])))
        if not named[row]:
            named[row] = True
            once[n] = row
            n += 1
    for row in once[:n]:
        whole = math.exp(1e-12 * total[row])
        sales[row] *= whole
        size[row] *= whole
    return once[:n]


def still(firms: Population, rows: Rows) -> None:
    """What is gone earns, spends and needs nothing, even where a whole column is read."""
    for name in (
        "sales",
        "size",
        "margin",
        "outlay",
        "reserve",
        "need",
        "registered",
        "shares_enterprises",
        "shares_institutes",
    ):
        getattr(firms, name)[rows] = 0
