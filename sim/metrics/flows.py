"""What happened in a month: the counters, each where it happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics.metric import Metric
from sim.world import POLICY, World

# name, unit, what it counts and where
COUNTED = (
    ("achievements_born", "count", "achievements born, at the owner's zone"),
    ("achievements_offered", "count", "achievements offered by their owners, at the owner's zone"),
    ("contracts_service", "count", "service contracts, at the buyer's zone"),
    ("contracts_outside", "count", "service contracts with buyers outside the region, at the seller's zone"),
    ("contracts_yuan", "yuan", "value of service contracts, at the buyer's zone"),
    ("deals", "count", "achievement deals (direct and brokered), at the buyer's zone"),
    ("deals_brokered", "count", "achievement deals brokered by the promotion centre, at the buyer's zone"),
    ("deals_yuan", "yuan", "agreed price of achievement deals, at the buyer's zone"),
    ("deals_outside", "count", "achievements sold outside the region or to nobody, at the owner's zone"),
    ("deals_unfunded", "count", "deals agreed but not concluded for want of the buyer's cash, at the buyer's zone"),
    ("introductions", "count", "introductions by the promotion centre, at the need's zone"),
    ("branches_opened", "count", "branches and subsidiaries founded (gross)"),
    ("branches_expected", "1e-6 count", "expected value of branches_opened given the state of the month"),
    ("branches_closed", "count", "branches and subsidiaries closed"),
    ("branches_elsewhere", "count", "branches founded in the rest of the country, at the parent's zone"),
    ("branches_relocated", "count", "branches founded that move an activity away from the source"),
    ("branches_diverted", "count", "branches founded that would have gone elsewhere without parks"),
    ("branch_capital_pledged_yuan", "yuan", "capital subscribed for branches founded"),
    ("branch_capital_paid_yuan", "yuan", "capital paid into branches"),
    ("programmes_pledged", "count", "park programmes pledged"),
    ("programmes_pledged_yuan", "yuan", "amount pledged for park programmes"),
    ("programmes_drawn_yuan", "yuan", "amount drawn by park programmes"),
    ("enterprises_entered", "count", "enterprises of the source founded"),
    ("enterprises_left", "count", "enterprises of the source that closed"),
    ("manufacturers_entered", "count", "manufacturers founded"),
    ("manufacturers_left", "count", "manufacturers that closed"),
    ("developments_started", "count", "bought achievements whose development began, at the buyer's zone"),
    ("developments_failed", "count", "developments that failed at a stage, at the buyer's zone"),
    ("developments_unfunded", "count", "developments given up for want of money, at the buyer's zone"),
    ("developments_orphaned", "count", "developments that ended with their buyer, at its zone"),
    ("development_yuan", "yuan", "cost of stages paid, at the buyer's zone"),
    ("technologies_launched", "count", "developments that became technologies, at the buyer's zone"),
    ("adoptions", "count", "adoptions of technologies by others than their pioneers, at the adopter's zone"),
    ("adoptions_unfunded", "count", "adoptions given up for want of money, at the firm's zone"),
    ("adoption_yuan", "yuan", "cost of adoptions paid, at the adopter's zone"),
    ("ventures_founded", "count", "ventures founded by researchers"),
    ("ventures_closed", "count", "ventures closed"),
    ("investments", "count", "venture-equity investments in ventures"),
    ("investments_yuan", "yuan", "venture equity paid into ventures and programmes"),
    ("needs", "count", "needs for money from outside the firm, where who asks has its account"),
    ("needs_yuan", "yuan", "sum that they lacked"),
    ("needs_met", "count", "of these needs, those that were met in full"),
    ("financed_yuan", "yuan", "money provided along the chain"),
    ("debts_defaulted", "count", "loans and leases that ended in default, at the debtor's zone"),
    ("loans_defaulted_yuan", "yuan", "what was outstanding of the loans among them"),
    ("leases_defaulted_yuan", "yuan", "what was outstanding of the leases among them"),
    ("campaigns_met", "count", "crowd-funding campaigns that reached their sum"),
    ("taxes_yuan", "yuan", "tax paid by enterprises, manufacturers and branches, where they are"),
    ("taxes_shared_yuan", "yuan", "tax of relocated branches that goes back to the place they left, where it is paid"),
    ("joint_projects", "count", "joint R&D projects of institutes of the source, at the partner's zone"),
    ("joint_yuan", "yuan", "what both sides spend on them"),
    ("capital_to_source_yuan", "yuan", "what manufacturers elsewhere invest in ventures of the source, at the venture"),
    ("talent_moved", "count", "researchers who came from another administration"),
    ("rents_yuan", "yuan", "rent paid by tenants of parks"),
    ("dividends_yuan", "yuan", "dividends of branches to their parents, at the branch's zone"),
)


def _public_cost(world: World) -> NDArray[np.int64]:
    """What each government paid this month, at its seat."""
    tags = [world.ledger.tags[tag] for tag in POLICY]
    paid: NDArray[np.int64] = world.ledger.by_place[tags, : world.zones].sum(axis=(0, 2))
    return paid


METRICS = (
    *(Metric(name, unit, "sum", doc) for name, unit, doc in COUNTED),
    Metric("public_cost_yuan", "yuan", "sum", "policies, at the seat of the government that pays", _public_cost),
)


def by_field(fields: dict[str, str]) -> tuple[Metric, ...]:
    """Brokered deals of each featured field of a region (key and name)."""
    return tuple(
        Metric(f"deals_brokered_{key}", "count", "sum", f"brokered deals in {name}, at the buyer's zone")
        for key, name in fields.items()
    )
