"""The scenario document: its header, then one line for each section and each lever.

The class body is the list: a key of a scenario file is a field here, and its order is the order in which
documents are shown. Defaults make every key optional, so that a scenario states only what it changes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.core.dates import DatedPath, Month
from sim.core.params import Section, quantity
from sim.parameters.demography import Demography
from sim.parameters.diffusion import Diffusion
from sim.parameters.exchange import Exchange
from sim.parameters.finance import Finance
from sim.parameters.government import Government
from sim.parameters.levels import Levels
from sim.parameters.links import Links
from sim.parameters.location import Location
from sim.parameters.populations import Populations
from sim.parameters.research import Research
from sim.parameters.systems import Systems
from sim.policy.alliance import Alliance
from sim.policy.border import Border
from sim.policy.parks import Park
from sim.policy.platform import Platform
from sim.policy.tax_sharing import TaxSharing
from sim.policy.transport import Transport

PLAIN_NAME = r"^[a-z0-9_]{1,64}$"

# Each file says these of itself: they are not inherited by `extends`, and change no result.
WORDS_ABOUT_IT = ("name", "title", "question")

PlainName = Annotated[str, Field(pattern=PLAIN_NAME)]
Text = Annotated[str, Field(max_length=2000)]


class Observe(Section):
    """How a figure of the record is read where its definition is contested."""

    branch_stock: Literal["net", "gross"] = "net"
    "Whether the stock of branches counts those alive (net) or all ever opened (gross)."
    achievements: Literal["contracted", "promoted"] = "contracted"
    "Whether an achievement counts when a brokered deal is contracted, or when it is promoted to firms."


class Header(Section):
    """What every scenario says first: where, when, how large, and how the record is read."""

    name: PlainName
    "Plain name of the scenario; the name of its file unless given. Names the folder of its results."
    title: Text = ""
    "One line for figures and reports."
    question: Text = ""
    "What the scenario is there to answer."
    region: PlainName = "jjj"
    "Folder of `data/` with zones, grid, sites, travel times and totals."
    start: Month = "2013-01"
    "First month simulated."
    end: Month = "2030-12"
    "Last month simulated."
    scale: float = quantity(1.0, "1", low=1e-4, source="assumption", grade="assumption")
    "Agents per counted organisation: 1 is one to one, 0.1 a tenth with unchanged means per head."
    tier: Literal["core", "chain", "full"] = "core"
    """How much of the model runs: core is births, matching, location, parks and spin-offs; chain adds one constraint of
    finance, industrialisation and adoption; full is everything."""
    systems: Systems = Systems()
    "Which systems of the article run."
    calendar: Literal["realised", "known_2016"] = "realised"
    "Whether rail lines open as they did, or none opens after 2016-12; parks and platform have their own dates."
    observe: Observe = Observe()
    "How contested figures of the record are read."


class ScenarioDocument(Header):
    """A whole scenario: one line for each section of parameters, then one for each lever."""

    populations: Populations = Populations()
    "Who exists at the start, and how unequal they are."
    research: Research = Research()
    "Births of achievements, their ageing, and when they are offered."
    exchange: Exchange = Exchange()
    "Who buys what from whom: contracts, deals, the promotion centre's way of working."
    location: Location = Location()
    "Where branches, programmes and ventures are founded, how long they live, what they cost."
    finance: Finance = Finance()
    "Money from outside the firm."
    demography: Demography = Demography()
    "How enterprises and manufacturers come, grow and go."
    diffusion: Diffusion = Diffusion()
    "From a deal to a technology, its adopters, and what all of it leaves behind."
    government: Government = Government()
    "What governments take and spend."
    links: Links = Links()
    "Links in both directions: joint R&D, capital into the source, talent."
    levels: Levels = Levels()
    "Scalars solved once for the baseline from its targets, frozen there."

    parks: dict[str, Park] = Field({})
    "Lever: the parks of the chain, each named like its site."
    platform: Platform = Platform()
    "Lever: the promotion centre's dates and capacity."
    border: Border = Border()
    "Lever: what a match across an administrative border costs."
    decap_pressure: DatedPath = quantity(
        DatedPath((("2013-01", 1.0),)), "1", low=0, high=100, source="assumption", grade="assumption"
    )
    "Lever: pressure to leave the source, 1 in 2016, linear between the dates given."
    tax_sharing: TaxSharing = TaxSharing()
    "Lever: which taxes are shared with the place that a branch left."
    transport: Transport = Transport()
    "Lever: which of the region's dated travel times hold."
    venture_powder: DatedPath = quantity(
        DatedPath((("2013-01", 1.0),)), "1", low=0, high=100, source="assumption", grade="assumption"
    )
    "Lever: what venture funds may invest, 1 in 2016, linear between the dates given."
    loan_quota: DatedPath = quantity(
        DatedPath((("2013-01", 1.0),)), "1", low=0, high=100, source="assumption", grade="assumption"
    )
    "Lever: what banks may lend, 1 in 2016, linear between the dates given."
    interest_subsidy: DatedPath = quantity(
        DatedPath((("2013-01", 0.0),)), "share", low=0, high=1, source="assumption", grade="assumption"
    )
    "Lever: share of the benchmark interest that governments return to borrowers, linear between the dates given."
    premium_subsidy: DatedPath = quantity(
        DatedPath((("2013-01", 0.0),)), "share", low=0, high=1, source="assumption", grade="assumption"
    )
    "Lever: share of the premium of insured loans that governments pay, linear between the dates given."
    risk_pool: DatedPath = quantity(
        DatedPath((("2013-01", 0.0),)), "share", low=0, high=1, source="assumption", grade="assumption"
    )
    "Lever: share of banks' losses that governments bear within limits, linear between the dates given."
    alliance: Alliance = Alliance()
    "Lever: the crowd-fund alliance, its start, members and work."
