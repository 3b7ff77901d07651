"""What an instrument of the chain is: how it looks at needs, what it offers them, and what it then does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Rows
from sim.finance.needs import Money, Needs, Reals
from sim.world import World


@dataclass(frozen=True)
class Quote:
    """What one instrument offers to each of the month's needs; -1 stands for no provider."""

    limit: Money
    "Most that it would give (yuan); 0 for no offer."
    cost: Reals
    "What it costs a year, by which needs rank their quotes."
    provider: Rows
    "Financier whose quota it takes up."
    second: Rows | None = None
    "Another financier whose quota it takes up too."
    load: float = 0.0
    "Instalment of a month for each yuan, which a firm's margin has to carry."
    smallest: int = 0
    "Smallest sum that is worth while (yuan)."


@dataclass(frozen=True)
class Given:
    """What one instrument gives this month: to which needs, how much, by whom. `code` is its place in the list."""

    code: int
    needs: Needs
    amount: Money
    provider: Rows
    second: Rows


@dataclass(frozen=True)
class Instrument:
    """One link of the chain.

    `provide` pays into the accounts of those who asked and books the claim. What leaves a running debt says of which
    kind its `claim` is ("loan" or "lease"), and what the sale of its security recovers when it ends in default.
    """

    name: str
    quote: Callable[[World, Needs], Quote]
    provide: Callable[[World, Given], None]
    tiers: tuple[str, ...]
    system: str = "A7"
    claim: str | None = None
    recover: Callable[[World, Rows], Money] | None = None


def yuan(amount: NDArray[Any]) -> Money:
    """Money is rounded once, before it is posted."""
    return np.rint(amount).astype(np.int64)
