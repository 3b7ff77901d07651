"""Knowledge and its spillovers: R&D adds to the knowledge of a cell and field, which is felt around it, less with
distance; manufacturers learn from it, and from what they develop and adopt."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from twin.arithmetic import MILLION, log, yuan
from twin.choice import RND

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import Manufacturer
    from twin.zones import Zone

QUARTER = 3

Stock = dict[tuple[int, int], float]
"By cell and field, in yuan."


class Knowledge:
    """The stock of knowledge, what of it is felt in a cell, and what was felt there at the start."""

    def __init__(self, model: TwinModel, stock: Stock) -> None:
        self.model = model
        self.stock = stock
        self.stock_at_start = dict(stock)
        self.felt_at_start: Stock = {}
        self.felt: Stock = {}

    def renew(self) -> None:
        """Three months at once: the stock depreciates by month, and the same R&D is added in each."""
        monthly = self.model.scenario.diffusion.spillovers.depreciation / 12
        spending = self.spending()
        kept, months = (1.0 - monthly) ** QUARTER, sum((1.0 - monthly) ** k for k in range(QUARTER))
        places = self.stock.keys() | spending.keys()
        self.stock = {at: kept * self.stock.get(at, 0.0) + months * spending[at] for at in places}
        self.felt = {}

    def spending(self) -> Counter[tuple[int, int]]:
        total: Counter[tuple[int, int]] = Counter()
        for _, cell, field, amount in self.spenders():
            total[cell, field] += amount
        return total

    def spenders(self) -> Iterator[tuple[Zone, int, int, int]]:
        """R&D of a month, by zone, cell and field: origins, manufacturers, R&D branches, ventures."""
        model = self.model
        for one in [*model.origins, *model.manufacturers]:
            yield one.zone, one.cell, one.field, one.outlay
        for branch in model.branches:
            if branch.type == RND:
                yearly = model.scenario.diffusion.spillovers.branch_rnd
                yield branch.zone, branch.cell, branch.field, yuan(yearly / 12 * branch.paid)
        for venture in model.ventures:
            monthly = model.scenario.location.venture.spending / 12
            yield venture.zone, venture.cell, venture.field, yuan(monthly * MILLION)

    def add(self, cell: int, field: int, amount: float) -> None:
        self.stock[cell, field] = self.stock.get((cell, field), 0.0) + amount

    def sensed(self, stock: Stock, cell: int, field: int) -> float:
        """What is felt in a cell of all knowledge in a field: it halves with each half distance."""
        grid, half = self.model.region.grid, self.model.scenario.diffusion.spillovers.half_distance
        total = 0.0
        for (other, known), amount in stock.items():
            if known == field and amount:
                rows, columns = int(grid.row[cell]) - int(grid.row[other]), int(grid.col[cell]) - int(grid.col[other])
                total += amount * 0.5 ** (math.hypot(rows, columns) * grid.cell_km / half)
        return total

    def spillover(self, cell: int, field: int) -> float:
        """Log of what is felt now over that at the start."""
        at = cell, field
        if at not in self.felt:
            self.felt[at] = self.sensed(self.stock, cell, field)
        if at not in self.felt_at_start:
            self.felt_at_start[at] = self.sensed(self.stock_at_start, cell, field)
        known = self.felt[at] > 0.0 and self.felt_at_start[at] > 0.0
        return log(self.felt[at] / self.felt_at_start[at]) if known else 0.0


def spill_over(model: TwinModel) -> None:
    """Once a quarter; more knowledge nearby, more achievements."""
    if model.month % QUARTER == QUARTER - 1:
        model.knowledge.renew()
        for origin in model.origins:
            felt = model.knowledge.spillover(origin.cell, origin.field)
            origin.spillover = math.expm1(model.scenario.diffusion.spillovers.elasticity * felt)


def learn(model: TwinModel) -> None:
    """Once a quarter, three months at once: what was learned decays, lessons and knowledge nearby add to it."""
    if model.month % QUARTER == QUARTER - 1:
        for firm in model.manufacturers:
            learn_one(model, firm)


def learn_one(model: TwinModel, firm: Manufacturer) -> None:
    p = model.scenario.diffusion.absorption
    months = sum((1.0 - p.decay) ** k for k in range(QUARTER))
    nearby = model.knowledge.spillover(firm.cell, firm.field)
    learned = (1.0 - p.decay) ** QUARTER * firm.learned + p.adoption * firm.lessons + p.spillover * months * nearby
    if learned != firm.learned:
        odds = firm.absorption / (1.0 - firm.absorption) * math.exp(learned - firm.learned)
        firm.absorption = odds / (1.0 + odds)
        firm.learned = learned
        firm.tercile = sum(firm.absorption > edge for edge in model.absorption_edges)
    firm.lessons = 0
