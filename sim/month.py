"""The month: every process in its order. This list is the schedule; what is not here does not happen.

The places of what is still to come (default, demography, industrialisation, adoption, spillovers, environment, tax
sharing, two-way links) are between these phases, as in model.md section 3.
"""

from __future__ import annotations

from functools import lru_cache

from sim.core.schedule import Process, Schedule
from sim.exchange import deals, market, offers, promotion_centre, royalties, services
from sim.finance import capital, clearing, identities, investment, operating_cash
from sim.location import admission, branch_founding, exits, park_programmes, ventures
from sim.parameters.systems import TIERS, Systems
from sim.research import ageing, births
from sim.world import World

PHASES = (
    "calendar", "exit", "winding_up", "closing", "cash", "ageing", "research", "joining", "market", "proposals",
    "clearing", "execution", "settlement", "pledging", "founding", "spin_off", "audit",
)  # fmt: skip

# Contributions to these add up in any order; requests are settled by keyed priority.
CHANNELS = ("accounts", "claims", "tally", "requests", "fates", "events")

PROCESSES: tuple[Process[World], ...] = (
    admission.PROCESS,
    investment.REPLENISH,
    exits.BRANCHES,
    exits.VENTURES,
    exits.CLOSING,
    operating_cash.PROCESS,
    operating_cash.VENTURES,
    investment.SELL_STAKES,
    ageing.PROCESS,
    births.PROCESS,
    promotion_centre.JOINING,
    market.PROCESS,
    offers.PROCESS,
    services.PROPOSE,
    promotion_centre.INTRODUCTIONS,
    royalties.PROPOSE,
    capital.CALLS,
    investment.ASK_FUNDS,
    clearing.PROCESS,
    deals.EXECUTE,
    services.EXECUTE,
    investment.INVEST,
    royalties.EXECUTE,
    capital.PAYMENTS,
    park_programmes.PROCESS,
    branch_founding.PROCESS,
    ventures.PROCESS,
    identities.PROCESS,
)

MONTH: Schedule[World] = Schedule(PHASES, PROCESSES, CHANNELS)


@lru_cache(maxsize=64)
def month_of(tier: str, systems: Systems) -> Schedule[World]:
    """The month of a tier, with the systems that are on."""
    return MONTH.only(lambda p: TIERS.index(p.tier) <= TIERS.index(tier) and bool(p.systems & systems.on))


def advance(world: World) -> None:
    """Simulate one month; the counters then hold what happened in it, and `world.month` is the next one."""
    world.ledger.begin_month()
    world.tally.begin_month()
    world.requests.begin_month()
    world.rounds.begin_month()
    month_of(world.scenario.tier, world.scenario.systems).run(world)
    world.month += 1
