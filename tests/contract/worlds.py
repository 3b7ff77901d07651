"""The invented region's scenario with values changed, for the contract tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.scenario import load, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.world import World

FOLDER: Path = region_folder(load("two_cities"))

# A world in which every process has something to do, and money, powder and slots are scarce.
SCARCE = {
    "tier": "full",
    "research.offered": 0.3,
    "demography.exit_by_age": [0.25],
    "demography.entry": 0.25,
    "demography.exit_size": 0,
    "location.branch.relocation": 1,
    "tax_sharing.rule": "all",
    "tax_sharing.start": "2013-03",
    "tax_sharing.threshold": 0,
    "location.programme.started": 1,
    "parks.harbour.programmes": 2,
    "populations.cash_months": 0.5,
    "populations.payout": 0.8,
    "links.capital.rate": 1,
    "finance.investment.deals": 2,
    "finance.loan.default_rate": 0.2,
    "finance.ip_pledge.smallest": 0.1,
    "finance.ip_pledge.approval": 2,
    "parks.harbour.capacity": 3,
    "parks.meadow.capacity": 2,
    "parks.hill.capacity": 60,
    "levels.branch_hazard": 0.1,
    "parks.meadow.close": "2016-03",
    "parks.hill.subsidy_end": "2016-06",
    "exchange.contracts": 3000,
    "exchange.licence_months": 18,
    "exchange.assignment": 0.4,
    "exchange.licence": 0.4,
    "diffusion.patience": 1,
    "diffusion.development.completion": 0.6,
    "diffusion.development.success": 0.9,
    "diffusion.development.cost": 1,
    "diffusion.adoption.innovation": 0.3,
    "diffusion.adoption.cost": 0.0036,
    "diffusion.absorption.adoption": 1,
}


def two_cities(overrides: Mapping[str, Any] | None = None) -> ScenarioDocument:
    """The shipped scenario `two_cities` with values changed, by dotted path."""
    return load("two_cities", overrides or {}).document


def indebt_branches(world: World) -> None:
    """Let branches take over debts of others, with all that the ledger knows of them, and let one of them leave."""
    credits, branches, ledger = world.credits, world.branches, world.ledger
    loans = np.flatnonzero(credits.alive & (world.financiers.kind[credits.lender] == 0))
    loans = loans[np.argsort(-credits.collateral[loans], kind="stable")]
    branch = branches.rows[: loans.size]
    loans = loans[: branch.size]
    lender = world.financiers.account[credits.lender[loans]]
    ledger.claim_each("loan", lender, credits.debtor[loans], -credits.outstanding[loans])
    credits.debtor[loans] = branches.account[branch]
    credits.zone[loans] = branches.zone[branch]
    ledger.claim_each("loan", lender, credits.debtor[loans], credits.outstanding[loans])
    branches.leaving[branch[:1]] = True
