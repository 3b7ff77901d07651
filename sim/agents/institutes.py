"""Research institutes and universities of the source; public budgets pay for what they spend on R&D."""

from __future__ import annotations

import numpy as np

from sim.agents.achievements import NEVER
from sim.agents.attributes import Ground, Purposes, counted, lineage
from sim.agents.origins import INSTITUTE, UNIVERSITY
from sim.core.columns import Population, Rows
from sim.core.streams import normals, purpose

SIZE = purpose("institutes.size")
PLACE = Purposes(purpose("institutes.field"), purpose("institutes.position"), purpose("institutes.cell"))


def settle(origins: Population, ground: Ground, scale: float) -> Rows:
    """Add the region's institutes and universities at `scale`."""
    region, p, ledger = ground.region, ground.p, ground.ledger
    added = []
    for kind, name in ((INSTITUTE, "institutes"), (UNIVERSITY, "universities")):
        total = sum(region.total(f"{name}_rnd", a.key) for a in region.admins if a.source)
        mean = total / max(int(region.zones.counts[name].sum()), 1)
        zone = np.repeat(np.arange(len(region.zones)), counted(region.zones.counts[name], scale))
        uid = lineage(1 + kind, zone)
        size = np.exp(p.institute_sigma * normals(ground.key, SIZE, uid, 0, 0))
        rnd = mean * size / max(size.mean(), 1e-300) if uid.size else size
        budget = np.rint(rnd / 12).astype(np.int64)
        reserve = np.rint(rnd / 12 * p.cash_months).astype(np.int64)
        account = ledger.open("institutes", zone)
        ledger.endow(account, reserve)
        added.append(
            origins.grow(
                uid,
                kind=kind,
                **ground.described(PLACE, uid, zone),
                leaves_at=NEVER,
                rnd=rnd,
                margin=budget,
                outlay=budget,
                reserve=reserve,
                account=account,
            )
        )
    return np.concatenate(added)
