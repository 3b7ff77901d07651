"""The state of a run: everything that the processes of a month read and write, and nothing that they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import Ground, Places, Reals
from sim.agents.audiences import Audiences
from sim.agents.origins import Norms
from sim.core.clock import Clock
from sim.core.columns import Population
from sim.core.ledger import Ledger, Tag
from sim.core.requests import Requests
from sim.core.tally import Tally
from sim.region import Region
from sim.scenario.schema import ScenarioDocument

SECTORS = (
    "outside", "enterprises", "institutes", "manufacturers", "branches", "programmes", "ventures",
    "funds", "centre", "governments", "banks", "insurers", "lessors", "alliance", "parks",
)  # fmt: skip

MAY_OWE = ("outside", "banks")
"Whose accounts may be overdrawn: a bank's stands at its equity less its loans, for loans make deposits."

CLAIMS = ("equity", "loan", "lease")

TAGS = (
    Tag("margin", "outside", "enterprises, manufacturers, branches", "operating margin, net of all cost but R&D"),
    Tag("public_funds", "outside", "governments", "what governments raise for what they pay below"),
    Tag("budget", "governments", "institutes", "public budgets of institutes and universities"),
    Tag("rnd", "enterprises, institutes, manufacturers", "outside", "R&D spending"),
    Tag("payout", "enterprises, institutes, manufacturers", "outside", "what owners take out"),
    Tag("service", "manufacturers", "enterprises, institutes", "service contracts"),
    Tag("deal", "manufacturers", "enterprises, institutes", "price of an achievement paid at signing"),
    Tag("royalty", "manufacturers", "enterprises, institutes", "instalments of licences"),
    Tag("development", "manufacturers", "outside", "stages of industrialisation"),
    Tag("adoption", "manufacturers", "outside", "equipment for an adopted technology"),
    Tag("inventors", "institutes", "outside", "inventors' share of an institute's receipts"),
    Tag("broker_fee", "manufacturers", "centre", "the promotion centre's fee"),
    Tag("centre_cost", "centre", "outside", "what the promotion centre spends"),
    Tag("branch_capital", "enterprises", "branches", "capital paid in by the parent"),
    Tag("programme_capital", "enterprises", "programmes", "a draw, the parent's part"),
    Tag("programme_partners", "outside", "programmes", "a draw, outside investors' part"),
    Tag("capex", "branches, programmes, ventures", "outside", "equipment and work bought"),
    Tag("park_subsidy", "governments", "branches, programmes", "what a park's government adds to capital"),
    Tag("rent", "branches", "parks", "rent of a place in a park"),
    Tag("park_services", "parks", "outside", "what operators of parks spend"),
    Tag("tax", "enterprises, manufacturers, branches", "governments", "tax on margins"),
    Tag("tax_share", "governments", "governments", "tax shared with the place that a branch left"),
    Tag("public_services", "governments", "outside", "what governments spend of what they take"),
    Tag("dividend", "branches", "enterprises", "what parents take out of branches"),
    Tag("joint_rnd", "institutes, manufacturers", "outside", "joint R&D"),
    Tag("backward_capital", "manufacturers", "ventures", "capital into the source"),
    Tag("founders", "outside", "enterprises, manufacturers, ventures", "founders' own money"),
    Tag("lp_call", "outside", "funds", "limited partners pay for an investment"),
    Tag("investment", "funds", "ventures, programmes", "venture equity paid in"),
    Tag("exit_proceeds", "outside", "funds", "a stake is sold"),
    Tag("distribution", "funds", "outside", "funds pay their partners"),
    Tag("loan", "banks", "enterprises, manufacturers", "a loan is paid out"),
    Tag("insured_loan", "banks", "enterprises, manufacturers", "an insured loan is paid out"),
    Tag("ip_loan", "banks", "enterprises, manufacturers", "a loan against patents is paid out"),
    Tag("credit_line", "banks", "enterprises, manufacturers", "credit of the tier chain is paid out"),
    Tag("refinancing", "banks", "lessors", "lessors draw on their credit line"),
    Tag("principal", "enterprises, manufacturers, lessors", "banks", "debts are repaid"),
    Tag("interest", "enterprises, manufacturers, lessors", "banks", "interest on them"),
    Tag("interest_subsidy", "governments", "enterprises, manufacturers", "interest that governments return"),
    Tag("premium", "enterprises, manufacturers", "insurers", "the borrower's part of a premium"),
    Tag("premium_subsidy", "governments", "insurers", "the government's part of a premium"),
    Tag("claim", "insurers", "banks", "an insurer covers a loss"),
    Tag("reinsurance_premium", "insurers", "outside", "insurers pay for reinsurance"),
    Tag("reinsurance", "outside", "insurers", "and are covered beyond their reserve"),
    Tag("risk_pool", "governments", "banks", "governments share a loss"),
    Tag("lease_purchase", "lessors", "enterprises, manufacturers", "a lessor buys the equipment it leases"),
    Tag("lease_principal", "enterprises, manufacturers", "lessors", "rent, the part that pays for the equipment"),
    Tag("lease_interest", "enterprises, manufacturers", "lessors", "rent, the lessor's income"),
    Tag("security", "outside", "banks, lessors", "sale of collateral, pledged patents, repossessed equipment"),
    Tag("estate", "enterprises, manufacturers, branches, ventures", "banks, lessors", "creditors' part of what closes"),
    Tag("financier_payout", "banks, insurers, lessors", "outside", "cost and dividends of financiers"),
    Tag("financier_cover", "outside", "banks, insurers, lessors", "owners make good a loss beyond all equity"),
    Tag("crowd", "outside", "ventures", "backers pay for a campaign that reached its sum"),
    Tag("crowd_fee", "ventures", "alliance", "a member's fee for a campaign"),
    Tag("alliance_cost", "alliance", "outside", "what members spend"),
    Tag(
        "liquidation",
        "branches, ventures, enterprises, manufacturers",
        "enterprises, outside",
        "what is left when it closes",
    ),
)

MOVES = (
    "branches", "programmes", "ventures", "deals", "contracts_service", "tax_shares", "joint_projects",
    "capital_to_source", "talent", "branches_relocated",
    "branches_diverted",
)  # fmt: skip
"The last two say of a branch that was founded what it was founded instead of, and where that would have been."

BINNED = ("deals_by_price", "branches_closed_by_age")
"Histograms that processes count into; all others are measured."

POLICY = ("park_subsidy", "interest_subsidy", "premium_subsidy", "risk_pool")
"Tags of what governments pay as a policy: the public cost of a scenario, by the government that pays."

COUNTERS = (
    "achievements_born", "achievements_offered", "contracts_service", "contracts_outside", "contracts_yuan",
    "deals", "deals_brokered", "deals_yuan", "deals_outside", "deals_unfunded", "introductions",
    "branches_opened", "branches_expected", "branches_closed", "branches_elsewhere", "branches_relocated",
    "branches_diverted",
    "branch_capital_pledged_yuan", "branch_capital_paid_yuan",
    "programmes_pledged", "programmes_pledged_yuan", "programmes_drawn_yuan",
    "enterprises_entered", "enterprises_left", "manufacturers_entered", "manufacturers_left",
    "developments_started", "developments_failed", "developments_unfunded", "developments_orphaned",
    "development_yuan",
    "technologies_launched", "adoptions", "adoptions_unfunded", "adoption_yuan",
    "ventures_founded", "ventures_closed", "investments", "investments_yuan",
    "needs", "needs_yuan", "needs_met", "financed_yuan", "debts_defaulted", "loans_defaulted_yuan",
    "leases_defaulted_yuan", "campaigns_met",
    "taxes_yuan", "taxes_shared_yuan", "rents_yuan", "dividends_yuan",
    "joint_projects", "joint_yuan", "capital_to_source_yuan", "talent_moved",
)  # fmt: skip


@dataclass
class Inputs:
    """What the levers set: one array over months each, so that a process only looks up its month."""

    hours_index: NDArray[np.int64]
    hours: Reals
    "Distinct travel-time matrices (hours, zone by zone); `hours_index` says which holds in a month."
    pressure: Reals
    "Pressure to leave the source, 1 in 2016."
    centre_share: Reals
    "Share of the promotion centre's full capacity."
    powder: Reals
    "What venture funds may invest, 1 in 2016."
    loan_quota: Reals
    "What banks may lend, 1 in 2016."
    benchmark: Reals
    "Benchmark interest, a year."
    interest_subsidy: Reals
    "Share of the benchmark interest that governments return."
    premium_subsidy: Reals
    "Share of premiums that governments pay."
    risk_pool: Reals
    "Share of banks' losses that governments bear."
    reach: Reals
    "Share of the needs that the chain serves, by month and administration."
    campaigns: Reals
    "Members of the alliance that hold campaigns."
    services: Reals
    "Members of the alliance that serve entrepreneurs, relative to those at its founding."
    walk: Reals
    "Log founding hazard relative to the anchor year."
    price: Reals
    "Price level, 1 in the price year."


@dataclass
class World:
    """One run: the scenario, the region, who exists, the money, and this month's counters."""

    scenario: ScenarioDocument
    region: Region
    clock: Clock
    key: np.uint64
    inputs: Inputs
    ledger: Ledger
    tally: Tally
    ground: Ground
    "Where, and by which laws, organisations come into being."
    norms: Norms
    origins: Population
    manufacturers: Population
    achievements: Population
    branches: Population
    programmes: Population
    ventures: Population
    licences: Population
    developments: Population
    technologies: Population
    adoptions: Population
    parks: Population
    park_names: tuple[str, ...]
    financiers: Population
    credits: Population
    agreements: Population
    government: NDArray[np.int32]
    "Account of the government of each administration."
    centre_account: NDArray[np.int32]
    centre_zone: int
    "Zone of the promotion centre, or -1."
    dormant: NDArray[np.int64]
    "Achievements that will never be offered or founded upon, by zone and month of going stale; they have no row."
    closed: NDArray[np.int64]
    "Branches that have closed so far, by zone."
    absorption_edges: Reals
    "Edges of the terciles of manufacturers' absorptive capacity at the start."
    absorption_mean: float
    "Their mean absorptive capacity at the start."
    venture_urge: Reals
    "Hazard of founding a venture, cumulated since month 0, by zone of the institute."
    environment: Reals
    "Environment of innovation E_z of each zone; 0 is that of the reference."
    recent: NDArray[np.int64]
    "Deals and finance provided (yuan) in the last twelve months [month of the year, 2, zone]."
    knowledge: Reals
    "Stock of knowledge by cell and field (yuan)."
    knowledge_near: Reals
    "What of it was felt in each cell at the start (yuan)."
    spillover: Reals
    "Log of what is felt now over that at the start, by cell and field."
    audiences: Audiences
    "Who is concerned by which technology and does not want it yet."
    month: int = 0
    requests: Requests = field(default_factory=Requests)
    "Payments asked for this month, cleared against deposits."
    signed: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    """Deals concluded this month, in batches of columns: uid (achievement and buyer), achievement (its uid), buyer and
    seller (rows), field, position, quality, price (yuan), mode, fit."""
    wants: Requests = field(default_factory=Requests)
    "Money asked for this month from outside the firm, by the account that would receive it."
    fates: dict[str, int] = field(default_factory=dict)
    "How many achievements ended in which way so far."
    tables: dict[str, Any] = field(default_factory=dict)
    "What processes derive from slow state: the market, the mean of staff."
    events: list[dict[str, Any]] | None = None
    "The log of single events, if it was asked for."

    @property
    def places(self) -> Places:
        """Cells of each zone."""
        return self.ground.places

    @property
    def scale(self) -> float:
        return self.scenario.scale

    @property
    def zones(self) -> int:
        return len(self.region.zones)

    @property
    def hours(self) -> Reals:
        """Travel times of this month."""
        matrix: Reals = self.inputs.hours[self.inputs.hours_index[self.month]]
        return matrix

    @property
    def receiving(self) -> NDArray[np.bool_]:
        """Which zones lie outside the source's administration."""
        source = np.array([a.source for a in self.region.admins])
        return ~source[self.region.zones.admin]

    def begin_month(self) -> None:
        """Empty the channels: flows, counters, requests and what was signed in the last month."""
        self.ledger.begin_month()
        self.tally.begin_month()
        self.requests.begin_month()
        self.wants.begin_month()
        self.signed = []

    @property
    def services(self) -> float:
        """Members of the alliance that serve entrepreneurs this month, relative to those at its founding."""
        return float(self.inputs.services[self.month])

    def populations(self) -> dict[str, Population]:
        """All populations by name."""
        names = (
            "origins", "manufacturers", "achievements", "branches", "programmes", "ventures", "licences",
            "parks", "financiers", "credits", "agreements", "developments", "technologies", "adoptions",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def log(self, what: str, **columns: Any) -> None:
        """Note single events, one array a column, when the run keeps them."""
        if self.events is not None:
            self.events.append({"month": self.month, "event": what, **columns})
