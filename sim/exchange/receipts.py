"""What an institute receives is shared with its inventors, by law at least one half."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Rows
from sim.world import World


def pay_inventors(world: World, institute: Rows, received: NDArray[np.int64]) -> None:
    """Pay the inventors' share of what each institute (row of an origin) has just received."""
    share = np.rint(received * world.scenario.exchange.inventor_share).astype(np.int64)
    world.ledger.post("inventors", world.origins.account[institute], world.ledger.outside, share)
