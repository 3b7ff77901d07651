"""Requests for payment of one month: who wants to pay whom how much, before it is known whether the cash is there.

Proposals add requests in any order; the clearing settles each payer's by seniority, then by keyed priority; the
executions read what was granted. Nothing here depends on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel


@kernel
def _grant_in_full(payer, amount, balance, asked, granted):  # type: ignore[no-untyped-def]
    """Grant all requests of the payers who can pay them all; returns which requests are left to be ranked.

    `asked` is room for one sum a payer; it comes empty and is left so.
    """
    for k in range(payer.size):
        asked[payer[k]] += amount[k]
    short = np.zeros(payer.size, np.bool_)
    for k in range(payer.size):
        if asked[payer[k]] <= balance[payer[k]]:
            granted[k] = amount[k]
        else:
            short[k] = True
    for k in range(payer.size):
        asked[payer[k]] = 0
    return short


@kernel
def _by_payer(payer, seniority, priority, uid, asked):  # type: ignore[no-untyped-def]
    """Positions grouped by payer; of one payer by seniority, then priority, then identity.

    `asked` is room for one number a payer, as above: how many requests there are, then where the next one stands (~at).
    """
    for k in range(payer.size):
        asked[payer[k]] += 1
    order = np.full(payer.size, -1)
    end = 0
    for k in range(payer.size):
        if asked[payer[k]] > 0:
            end, asked[payer[k]] = end + asked[payer[k]], ~end
        at = ~asked[payer[k]]
        asked[payer[k]] -= 1
        while at > 0:
            other = order[at - 1]
            if other < 0 or payer[other] != payer[k]:
                break
            if (seniority[other], priority[other], uid[other]) < (seniority[k], priority[k], uid[k]):
                break
            order[at] = other
            at -= 1
        order[at] = k
    for k in range(payer.size):
        asked[payer[k]] = 0
    return order


@kernel
def _grant(order, payer, amount, divisible, balance, granted):  # type: ignore[no-untyped-def]
    """Grant requests in `order` (grouped by payer) as long as the payer's balance lasts."""
    last = -1
    cash = 0
    for k in order:
        if payer[k] != last:
            last = payer[k]
            cash = balance[last]
        if amount[k] <= cash:
            granted[k] = amount[k]
        elif divisible[k]:
            granted[k] = max(cash, 0)
        cash -= granted[k]


@kernel
def _add(total, payer, granted):  # type: ignore[no-untyped-def]
    for k in range(payer.size):
        total[payer[k]] += granted[k]


class Requests:
    """The month's requests, by kind."""

    def __init__(self) -> None:
        self._batches: dict[str, dict[str, NDArray[Any]]] = {}
        self._asked = np.zeros(0, np.int64)

    def begin_month(self) -> None:
        self._batches = {}

    def ask(
        self,
        kind: str,
        uid: NDArray[np.uint64],
        payer: NDArray[np.int32],
        amount: NDArray[np.int64],
        *,
        seniority: int,
        divisible: bool,
        **details: NDArray[Any],
    ) -> None:
        """Propose payments of one kind, once a month; `details` come back with what was granted."""
        if kind in self._batches:
            raise ValueError(f"{kind} was asked for twice in a month")
        self._batches[kind] = {
            "uid": uid, "payer": payer, "amount": amount,
            "seniority": np.full(uid.size, seniority), "divisible": np.full(uid.size, divisible),
            "granted": np.zeros(uid.size, np.int64), **details,
        }  # fmt: skip

    def granted(self, kind: str) -> dict[str, NDArray[Any]]:
        """The batch of a kind, with `granted` in yuan; empty arrays if nothing was asked."""
        return self._batches.get(kind, {})

    def committed(self, accounts: int) -> NDArray[np.int64]:
        """What has been granted so far out of each account."""
        total = np.zeros(accounts, np.int64)
        for batch in self._batches.values():
            _add(total, batch["payer"], batch["granted"])
        return total

    def clear(self, balance: NDArray[np.int64], priority: Callable[[NDArray[np.uint64]], NDArray[np.float64]]) -> None:
        """Settle all requests against `balance`; `priority` ranks those of payers who cannot pay them all."""
        if not self._batches:
            return
        joined = {k: np.concatenate([b[k] for b in self._batches.values()]) for k in _COMMON}
        granted = np.zeros(joined["amount"].size, np.int64)
        if self._asked.size < balance.size:
            self._asked = np.zeros(balance.size, np.int64)
        short = np.flatnonzero(_grant_in_full(joined["payer"], joined["amount"], balance, self._asked, granted))
        if short.size:
            uid, payer, seniority = (joined[k][short] for k in ("uid", "payer", "seniority"))
            order = short[_by_payer(payer, seniority, priority(uid), uid, self._asked)]
            _grant(order, joined["payer"], joined["amount"], joined["divisible"], balance, granted)
        end = 0
        for batch in self._batches.values():
            start, end = end, end + batch["amount"].size
            batch["granted"] = granted[start:end]


_COMMON = ("uid", "payer", "amount", "seniority", "divisible")
