"""The accounting identities (MODEL.md, (10)), each month, with `== 0`; a breach stops the run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.core.counting import sum_where
from sim.core.schedule import Process
from sim.errors import InvariantError
from sim.finance import chain
from sim.world import World

BANKS_PAY = ("loan", "insured_loan", "ip_loan", "credit_line", "refinancing", "financier_payout")
BANKS_GET = (
    "principal", "interest", "claim", "risk_pool", "security", "estate", "financier_cover",
)  # fmt: skip
EARNED = ("interest", "claim", "risk_pool", "security", "financier_cover")
"What raises the equity of banks; repaid principal and estates only turn a loan into a deposit."

Books = dict[str, Any]
Owed = dict[str, NDArray[np.int64]]


def breaches(world: World, owed: Owed | None = None) -> list[str]:
    """What does not hold at this moment, in words; empty in a sound world."""
    ledger, found = world.ledger, []
    total = int(ledger.balance[: ledger.used].sum())
    if total != 0:  # (ii): what banks hold is their equity less their loans
        found.append(f"deposits, the outside balance and the banks' do not cancel: {total} yuan")
    ventures = world.ventures
    for holder, held in (("funds", ventures.stake), ("manufacturers", ventures.backed)):  # (vi)
        stakes = int(sum_where(held, ventures.alive))
        booked = int(ledger.claims[0, ledger.sectors.index(holder), ledger.sectors.index("ventures")])
        if stakes != booked:
            found.append(f"stakes of {holder} in ventures are {stakes} yuan, in the ledger {booked}")
    for holder in ("enterprises", "institutes"):  # (vi)
        issued = int(sum_where(getattr(world.manufacturers, f"shares_{holder}"), world.manufacturers.alive))
        booked = int(ledger.claims[0, ledger.sectors.index(holder), ledger.sectors.index("manufacturers")])
        if issued != booked:
            found.append(f"shares issued to {holder} are {issued} yuan, in the ledger {booked}")
    for claim, matrix in (owed or owed_by_sector(world)).items():  # (vi)
        wrong = np.argwhere(matrix != ledger.claims[ledger.instruments.index(claim)])
        for holder, issuer in wrong[:1]:
            pair = f"{claim}s of {ledger.sectors[holder]} to {ledger.sectors[issuer]}"
            in_ledger = int(ledger.claims[ledger.instruments.index(claim), holder, issuer])
            found.append(f"{pair} are {int(matrix[holder, issuer])} yuan, in the ledger {in_ledger}")
    for name, promised, given in (
        ("programmes", world.programmes.pledged, world.programmes.drawn),
        ("branches", world.branches.subscribed, world.branches.paid),
    ):  # (vii)
        if (given > promised).any() or (given < 0).any():
            found.append(f"{name}: what is drawn lies outside what is pledged")
    for name, population in world.populations().items():  # (viii)
        alive = np.count_nonzero(population.alive)
        if alive != len(population):
            found.append(f"{name}: {alive} alive, but {population.entered} came and {population.left} went")
    ended = sum(world.fates.values()) - world.fates["forgotten"]  # these never had a row
    if ended != world.achievements.left:
        found.append(f"achievements: {world.achievements.left} left the shelf, {ended} of them are accounted for")
    return found


def owed_by_sector(world: World) -> Owed:
    """Loans and leases as the debts themselves say, by sector of holder and issuer (yuan)."""
    ledger, credits, financiers = world.ledger, world.credits, world.financiers
    claims = ("loan", "lease")
    codes = np.array([claims.index(i.claim) if i.claim else -1 for i in chain.INSTRUMENTS])
    matrices = _owed(
        codes, credits.alive, credits.instrument, ledger.sector(financiers.account), credits.lender,
        ledger.sector(credits.debtor), credits.outstanding, len(claims), len(ledger.sectors),
    )  # fmt: skip
    owed = dict(zip(claims, matrices, strict=True))
    refinanced = int(financiers.borrowed[financiers.alive].sum())
    owed["loan"][ledger.sectors.index("banks"), ledger.sectors.index("lessors")] += refinanced
    return owed


@kernel
def _owed(codes, alive, instrument, holder, lender, issuer, outstanding, claims, sectors):  # type: ignore[no-untyped-def]
    """Sums outstanding by kind of claim, sector of the lender and sector of the debtor."""
    out = np.zeros((claims, sectors, sectors), np.int64)
    for i in range(alive.size):
        if alive[i]:
            out[codes[instrument[i]], holder[lender[i]], issuer[i]] += outstanding[i]
    return out


def books(world: World, owed: Owed) -> Books:
    """What the identities of flows compare with the month before (yuan)."""
    loans = int(owed["loan"][world.ledger.sectors.index("banks")].sum())
    return {"deposits": world.ledger.by_sector_balance(), "loans": loans}


def flow_breaches(world: World, before: Books, after: Books) -> list[str]:
    """What does not hold between the end of the last month and now, in words."""
    ledger, found = world.ledger, []
    flows = ledger.by_sector.sum(axis=0)
    change = after["deposits"] - before["deposits"]
    if (change != flows.sum(axis=0) - flows.sum(axis=1)).any():  # (i)
        found.append("flows and changes of deposits differ by sector")
    banks = ledger.sectors.index("banks")
    paid_by, paid_to = ledger.by_sector[:, banks].sum(axis=1), ledger.by_sector[:, :, banks].sum(axis=1)
    paid = sum(int(paid_by[ledger.tags[tag]]) for tag in BANKS_PAY)
    got = sum(int(paid_to[ledger.tags[tag]]) for tag in BANKS_GET)
    created = int(change.sum() - change[banks])
    if created != paid - got:  # (iii)
        found.append(f"deposits grew by {created} yuan, by the flows of banks they should by {paid - got}")
    earned = sum(int(paid_to[ledger.tags[tag]]) for tag in EARNED)
    paid_out = int(paid_by[ledger.tags["financier_payout"]])
    written_off = int(world.tally.get("loans_defaulted_yuan").sum())
    equity = int(change[banks]) + after["loans"] - before["loans"]
    if equity != earned - paid_out - written_off:  # (iv)
        found.append(f"equity of banks grew by {equity} yuan, it earned {earned - paid_out - written_off}")
    net = after["deposits"] + ledger.claims.sum(axis=(0, 2)) - ledger.claims.sum(axis=(0, 1))
    if int(net.sum()) != 0:  # (v)
        found.append(f"financial net worth of all sectors adds up to {int(net.sum())} yuan")
    return found


def _assert(world: World) -> None:
    owed = owed_by_sector(world)
    now, before = books(world, owed), world.tables.get("books")
    found = breaches(world, owed)
    if before is not None:
        found += flow_breaches(world, before, now)
    world.tables["books"] = now
    if found:
        raise InvariantError("; ".join(found))


PROCESS = Process(
    name="identities",
    phase="audit",
    run=_assert,
    reads=("accounts", "claims", "*.alive", "tables.books", "ventures.stake", "ventures.backed", "credits.instrument",
           "credits.lender", "credits.debtor", "credits.outstanding", "financiers.account", "financiers.borrowed",
           "tally", "manufacturers.shares_enterprises", "manufacturers.shares_institutes", "programmes.pledged",
           "programmes.drawn",
           "branches.subscribed", "branches.paid", "fates"),
    writes=("tables.books",),
    system="money",
    doc="the accounting identities hold exactly",
)  # fmt: skip
