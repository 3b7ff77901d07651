"""Bills that a manufacturer waits for rather than drop: paid in full or not at all, and given up in the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Population
from sim.world import World


def settle(
    world: World, kind: str, purpose: str, steps: Population, firm: NDArray[Any], done: NDArray[np.bool_]
) -> None:
    """Pay the requests of a kind that are granted whole, and mark them `done`; who has waited too long gives up.

    `firm` and `done` are columns of `steps`: the row of the manufacturer, and whether it has paid. Payments, counts and
    the rows in the requests are called after the purpose.
    """
    batch = world.requests.granted(kind)
    if not batch:
        return
    firms = world.manufacturers
    paid = batch["granted"] == batch["amount"]
    row, amount, short = batch[purpose][paid], batch["amount"][paid], batch[purpose][~paid]
    world.ledger.post(purpose, firms.account[firm[row]], world.ledger.outside, amount)
    world.tally.add(f"{purpose}_yuan", firms.zone[firm[row]], amount)
    done[row] = True
    steps.waits[short] += 1
    given_up = short[steps.waits[short] > world.scenario.diffusion.patience]
    world.tally.add(f"{purpose}s_unfunded", firms.zone[firm[given_up]])
    steps.retire(given_up)
