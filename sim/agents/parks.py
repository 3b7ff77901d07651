"""Parks: a site, dates, a number of slots, a subsidy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from sim.agents.achievements import NEVER
from sim.core.clock import Clock
from sim.core.columns import Column, Population
from sim.core.ledger import Ledger
from sim.policy.parks import Park
from sim.region import Region

COLUMNS = {
    "zone": Column(np.int16, "1", "zone"),
    "cell": Column(np.int32, "1", "grid cell"),
    "announced_at": Column(np.int16, "month", "month of the announcement"),
    "opens_at": Column(np.int16, "month", "month of the opening"),
    "closes_at": Column(np.int16, "month", "month from which the benefits end, or never"),
    "capacity": Column(np.int64, "count", "slots for tenants"),
    "subsidy": Column(np.float64, "share", "share of a tenant's paid-in capital that its government adds"),
    "subsidy_ends_at": Column(np.int16, "month", "month from which it is paid no more, or never"),
    "programmes": Column(np.float64, "count/month", "programmes pledged in a month once it is open"),
    "open": Column(np.bool_, "1", "whether it is open this month"),
    "rank": Column(np.int16, "1", "place in the chain: by opening, then by name"),
    "account": Column(np.int32, "1", "account of its operator in the ledger"),
}


def settle(
    parks: Mapping[str, Park], ledger: Ledger, region: Region, clock: Clock, scale: float
) -> tuple[Population, tuple[str, ...]]:
    """The parks of a scenario that ever open, in the order of the chain, with their names."""
    dated = []
    for name, park in parks.items():
        site = region.sites[name]
        opening = site.opening if park.open == "site" else park.open
        if opening in (None, "never"):
            continue
        dated.append((clock.index(str(opening)), name, park, site))
    dated.sort(key=lambda row: row[:2])
    names = tuple(name for _, name, _, _ in dated)
    population = Population("parks", COLUMNS, max(len(dated), 1))
    population.grow(
        np.array([identity(name) for name in names], np.uint64),
        zone=[site.zone for *_, site in dated],
        cell=[site.cell for *_, site in dated],
        announced_at=[clock.index(p.announce) if p.announce else at for at, _, p, _ in dated],
        opens_at=[at for at, *_ in dated],
        closes_at=[clock.index(p.close) if p.close else NEVER for _, _, p, _ in dated],
        capacity=[int(p.capacity * scale) for _, _, p, _ in dated],
        subsidy=[p.subsidy for _, _, p, _ in dated],
        subsidy_ends_at=[clock.index(p.subsidy_end) if p.subsidy_end else NEVER for _, _, p, _ in dated],
        programmes=[p.programmes * scale for _, _, p, _ in dated],
        rank=np.arange(len(dated)),
        account=ledger.open("parks", np.array([site.zone for *_, site in dated], np.int64)),
    )
    return population, names


def identity(name: str) -> int:
    """A park is who its name says, wherever it stands in the file."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
