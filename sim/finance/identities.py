"""The accounting identities (MODEL.md, 10), each month, with `== 0`; a breach stops the run and says what broke."""

from __future__ import annotations

import numpy as np

from sim.core.schedule import Process
from sim.errors import InvariantError
from sim.world import World


def breaches(world: World) -> list[str]:
    """What does not hold, in words; empty in a sound world."""
    ledger, found = world.ledger, []
    total = int(ledger.balance[: ledger.used].sum())
    if total != 0:  # (ii): no bank lends yet, so all deposits and the outside sector's balance cancel
        found.append(f"deposits and the outside balance do not cancel: {total} yuan")
    lowest = int(ledger.balance[1 : ledger.used].min(initial=0))
    if lowest < 0:
        account = int(np.argmin(ledger.balance[1 : ledger.used])) + 1
        found.append(f"account {account} of {ledger.sectors[ledger.sector[account]]} holds {lowest} yuan")
    stakes = int(world.ventures.stake[world.ventures.alive].sum())
    booked = int(ledger.claims[0, ledger.sectors.index("funds"), ledger.sectors.index("ventures")])
    if stakes != booked:  # (vi)
        found.append(f"stakes in ventures are {stakes} yuan, in the ledger {booked}")
    for holder in ("enterprises", "institutes"):  # (vi)
        issued = int(getattr(world.manufacturers, f"shares_{holder}")[world.manufacturers.alive].sum())
        booked = int(ledger.claims[0, ledger.sectors.index(holder), ledger.sectors.index("manufacturers")])
        if issued != booked:
            found.append(f"shares issued to {holder} are {issued} yuan, in the ledger {booked}")
    for name, promised, given in (
        ("programmes", world.programmes.pledged, world.programmes.drawn),
        ("branches", world.branches.subscribed, world.branches.paid),
    ):  # (vii)
        if (given > promised).any() or (given < 0).any():
            found.append(f"{name}: what is drawn lies outside what is pledged")
    for name, population in world.populations().items():  # (viii)
        alive = int(population.alive.sum())
        if alive != len(population):
            found.append(f"{name}: {alive} alive, but {population.entered} came and {population.left} went")
    ended = sum(world.fates.values()) - world.fates["forgotten"]  # these never had a row
    if ended != world.achievements.left:
        found.append(f"achievements: {world.achievements.left} left the shelf, {ended} of them are accounted for")
    return found


def flow_residuals(world: World, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(i) change of each sector's deposits minus its net inflow of the month, in yuan."""
    flows = world.ledger.by_sector.sum(axis=0)
    return np.asarray(after - before - (flows.sum(axis=0) - flows.sum(axis=1)))


def _assert(world: World) -> None:
    ledger = world.ledger
    after = ledger.by_sector_balance()
    before = world.tables.get("sector_balance")
    found = breaches(world)
    if before is not None and flow_residuals(world, before, after).any():
        found.append("flows and changes of deposits differ by sector")
    world.tables["sector_balance"] = after
    if found:
        raise InvariantError("; ".join(found))


PROCESS = Process(
    name="identities",
    phase="audit",
    run=_assert,
    reads=("accounts", "claims", "*.alive", "tables.sector_balance", "ventures.stake",
           "manufacturers.shares_enterprises", "manufacturers.shares_institutes", "programmes.pledged",
           "programmes.drawn",
           "branches.subscribed", "branches.paid", "fates"),
    writes=("tables.sector_balance",),
    system="money",
    doc="the accounting identities hold exactly",
)  # fmt: skip
