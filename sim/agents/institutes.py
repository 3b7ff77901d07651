"""Research institutes and universities of the source; public budgets pay for what they spend on R&D."""

from __future__ import annotations

import numpy as np

from sim.agents.attributes import Places, Reals, counted, draw_cells, draw_fields, draw_positions, lineage
from sim.agents.origins import INSTITUTE, UNIVERSITY
from sim.core.columns import Population, Rows
from sim.core.ledger import Ledger
from sim.core.streams import normals, purpose
from sim.parameters.populations import Populations
from sim.region import Region

SIZE = purpose("institutes.size")
FIELD = purpose("institutes.field")
POSITION = purpose("institutes.position")
CELL = purpose("institutes.cell")


def settle(
    origins: Population,
    ledger: Ledger,
    region: Region,
    places: Places,
    fields: Reals,
    p: Populations,
    key: np.uint64,
    scale: float,
) -> Rows:
    """Add the region's institutes and universities at `scale`."""
    added = []
    for kind, name in ((INSTITUTE, "institutes"), (UNIVERSITY, "universities")):
        total = sum(region.total(f"{name}_rnd", a.key) for a in region.admins if a.source)
        mean = total / max(int(region.zones.counts[name].sum()), 1)
        zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts[name], scale))
        uid = lineage(1 + kind, zone)
        size = np.exp(p.institute_sigma * normals(key, SIZE, uid, 0, 0))
        rnd = mean * size / max(size.mean(), 1e-300) if uid.size else size
        field = draw_fields(key, FIELD, uid, fields)
        budget = np.rint(rnd / 12).astype(np.int64)
        reserve = np.rint(rnd / 12 * p.cash_months).astype(np.int64)
        account = ledger.open("institutes", zone)
        ledger.endow(account, reserve)
        added.append(
            origins.grow(
                uid,
                kind=kind,
                zone=zone,
                cell=draw_cells(key, CELL, uid, 0, zone, places),
                field=field,
                position=draw_positions(key, POSITION, uid, field, len(region.fields), p.position_spread),
                rnd=rnd,
                margin=budget,
                outlay=budget,
                reserve=reserve,
                account=account,
            )
        )
    return np.concatenate(added)
