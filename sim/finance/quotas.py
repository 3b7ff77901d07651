"""What financiers may provide: funds' powder of the year, everybody else's quota of the month."""

from __future__ import annotations

from sim.agents.financiers import BANK, FUND, INSURER, LESSOR, MEMBER, of_kind
from sim.core.clock import monthly_flow
from sim.core.schedule import Process
from sim.finance.debts import equity
from sim.world import World

UNLIMITED = 1 << 60  # what limits a campaign is its backers


def _replenish(world: World) -> None:
    """Funds' powder is set anew each January: what is not invested is not carried over.

    Banks, insurers and lessors whose equity is gone provide nothing until they have some again, and no lessor does
    without a bank that refinances it.
    """
    financiers, p, quota = world.financiers, world.scenario.finance, world.financiers.quota
    new_year = world.month == 0 or world.clock.label(world.month).endswith("-01")
    funds = of_kind(financiers, FUND)
    if new_year and funds.size:
        yearly = p.investment.deals * p.investment.round_mean * 1e6 * world.scale * world.inputs.powder[world.month]
        quota[funds] = round(yearly / funds.size)
    broke = equity(world) < 0
    for kind, per_year in (
        (BANK, p.loan.quota * world.inputs.loan_quota[world.month]),
        (INSURER, p.insurance.quota),
        (LESSOR, p.leasing.quota),
    ):
        rows = of_kind(financiers, kind)
        if rows.size:
            quota[rows] = round(monthly_flow(per_year) * 1e6 * world.scale / rows.size)
            quota[rows[broke[rows]]] = 0
    quota[(financiers.kind == LESSOR) & (financiers.bank < 0)] = 0
    quota[of_kind(financiers, MEMBER)] = UNLIMITED


PROCESS = Process(
    name="quotas",
    phase="calendar",
    run=_replenish,
    reads=("financiers.kind", "financiers.uid", "financiers.account", "financiers.bank", "financiers.borrowed",
           "credits.lender", "credits.outstanding", "accounts"),
    writes=("financiers.quota",),
    system="A7, A8",
    doc="financiers learn what they may provide",
)  # fmt: skip
