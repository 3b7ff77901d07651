"""The month: every process in its order. This list is the schedule; what is not here does not happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain as joined

from sim.core.invariants import Breach, Level, doubles, overdrawn_accounts, unsound_columns, unsound_populations
from sim.core.schedule import Process, Schedule
from sim.demography import entry, exit, growth
from sim.diffusion import absorption, adoption, departures, environment, spillovers, stages
from sim.errors import InvariantError
from sim.exchange import deals, market, offers, promotion_centre, royalties, services
from sim.finance import (
    branch_returns,
    capital,
    chain,
    clearing,
    crowdfunding,
    defaults,
    identities,
    investment,
    operating_cash,
    owners,
    quotas,
    servicing,
    working_capital,
)
from sim.government import budget, tax_sharing, taxes
from sim.links import capital as backward_capital
from sim.links import joint_research, talent
from sim.location import admission, branch_founding, exits, park_programmes, ventures
from sim.parameters.systems import TIERS, Systems
from sim.research import ageing, births
from sim.world import World

PHASES = (
    "calendar", "exit", "winding_up", "closing", "departure", "default", "cash", "taxes", "sharing", "entry", "ageing",
    "research", "joining", "market", "proposals", "clearing", "financing", "execution", "settlement", "pledging",
    "founding", "spin_off", "pipeline", "adoption", "knowledge", "learning", "public", "audit",
)  # fmt: skip

# Contributions to these add up in any order; requests are settled by keyed priority.
CHANNELS = ("accounts", "claims", "tally", "requests", "signed", "fates", "events")

PROCESSES: tuple[Process[World], ...] = (
    admission.PROCESS,
    quotas.PROCESS,
    exit.LEAVING,
    exits.BRANCHES,
    exits.VENTURES,
    defaults.WINDING_UP,
    exits.CLOSING,
    exit.DEPARTURE,
    defaults.DEFAULTS,
    owners.PROCESS,
    operating_cash.PROCESS,
    operating_cash.VENTURES,
    operating_cash.PROGRAMMES,
    branch_returns.RETURNS,
    taxes.PROCESS,
    tax_sharing.PROCESS,
    investment.SELL_STAKES,
    entry.PROCESS,
    growth.PROCESS,
    ageing.PROCESS,
    births.PROCESS,
    promotion_centre.JOINING,
    market.PROCESS,
    offers.PROCESS,
    deals.WAITING,
    services.PROPOSE,
    promotion_centre.INTRODUCTIONS,
    royalties.PROPOSE,
    departures.PROCESS,
    stages.ASK,
    adoption.ASK,
    capital.CALLS,
    investment.ASK_FUNDS,
    crowdfunding.ASK,
    working_capital.PROCESS,
    servicing.BILLS,
    joint_research.PROPOSE,
    backward_capital.PROPOSE,
    clearing.PROCESS,
    chain.PROCESS,
    deals.EXECUTE,
    services.EXECUTE,
    joint_research.EXECUTE,
    backward_capital.INVEST,
    royalties.EXECUTE,
    stages.PAY,
    adoption.PAY,
    capital.PAYMENTS,
    servicing.SERVICE,
    park_programmes.PROCESS,
    branch_founding.PROCESS,
    ventures.PROCESS,
    stages.ADVANCE,
    adoption.SPREAD,
    spillovers.PROCESS,
    absorption.PROCESS,
    environment.PROCESS,
    branch_returns.DIVIDENDS,
    budget.PROCESS,
    talent.PROCESS,
    identities.PROCESS,
)

AUDITS = ("", *(p.name for p in PROCESSES if p.phase == "audit"))
"What finds a breach without having made it."

MONTH: Schedule[World] = Schedule(PHASES, PROCESSES, CHANNELS)


@lru_cache(maxsize=64)
def month_of(tier: str, systems: Systems, audited: bool = True) -> Schedule[World]:
    """The month of a tier, with the systems that are on; its audit may be left out."""
    return MONTH.only(
        lambda p: (
            TIERS.index(p.tier) <= TIERS.index(tier)
            and bool(p.systems & systems.on)
            and (audited or p.phase != "audit")
        )
    )


def advance(world: World, invariants: Level = "light", heed: Callable[[], None] | None = None) -> None:
    """Simulate one month; the counters then hold what happened in it, and `world.month` is the next one.

    `heed` is called after each process; what it raises ends the run there.

    Raises InvariantError, with the month left half-way, if something that must hold does not.
    """
    world.begin_month()
    month = month_of(world.scenario.tier, world.scenario.systems, invariants != "off")
    try:
        month.run(world, *([inspect] if invariants == "full" else []), *([lambda _: heed()] if heed else []))
        if invariants == "light":
            _raise_first(joined(unsound_columns(world.populations(), world.month), unsound_accounts(world)))
    except InvariantError as error:
        error.month = world.clock.label(world.month)
        raise
    world.month += 1


def inspect(world: World) -> None:
    """All that must hold at any moment of a month; InvariantError at the first that does not."""
    populations = world.populations()
    checks = (unsound_columns(populations), unsound_populations(populations), doubles(populations))
    _raise_first(joined(unsound_accounts(world), *checks, map(Breach, identities.breaches(world))))


def unsound_accounts(world: World) -> Iterator[Breach]:
    """Accounts that owe and may not."""
    return overdrawn_accounts(world.ledger, world.populations())


def _raise_first(breaches: Iterator[Breach]) -> None:
    for breach in breaches:
        raise InvariantError(breach.message, column=breach.column, ids=breach.ids)
