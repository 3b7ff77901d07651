"""Working capital: firms with a margin to carry it borrow, now and then, what their outlays of some months take."""

from __future__ import annotations

import numpy as np

from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import pairs, purpose, uniforms
from sim.world import World

ASK = purpose("working_capital.ask")


@kernel
def _asking(key, what, uid, alive, margin, outlay, month, chance):  # type: ignore[no-untyped-def]
    """Rows of the firms that ask this month."""
    u = uniforms(key, what, uid, month, 0)
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        out[n] = i
        n += u[i] < chance and alive[i] and margin[i] > outlay[i]
    return out[:n].copy()


def _ask(world: World) -> None:
    chance = world.scenario.finance.working_capital.asking
    uid, account, amount = [], [], []
    for firms in (world.origins, world.manufacturers):
        row = _asking(world.key, ASK, firms.uid, firms.alive, firms.margin, firms.outlay, world.month, chance)
        uid.append(pairs(firms.uid[row], np.full(row.size, (1 << 43) + world.month, np.uint64)))
        account.append(firms.account[row])
        amount.append(firms.reserve[row])
    world.wants.ask(
        "working_capital", *(np.concatenate(x) for x in (uid, account, amount)), seniority=0, divisible=True
    )


PROCESS = Process(
    name="working_capital",
    phase="proposals",
    run=_ask,
    reads=(
        "origins.uid", "origins.alive", "origins.account", "origins.margin", "origins.outlay", "origins.reserve",
        "manufacturers.uid", "manufacturers.alive", "manufacturers.account", "manufacturers.margin",
        "manufacturers.outlay", "manufacturers.reserve",
    ),
    writes=("requests",),
    system="A7",
    doc="firms ask for working capital",
    tier="chain",
)  # fmt: skip
