"""The ledger: money is int64 yuan and moves only here, each flow with payer, payee and tag.

Amounts are rounded once, before they are posted to both legs, so every identity holds with `== 0`. The ledger
knows accounts, their sector and their place, and nothing of who owns them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.core.counting import sum_by
from sim.errors import InvariantError

Accounts = NDArray[np.int32]
Money = NDArray[np.int64]


CLOSED = -1


@dataclass(frozen=True)
class Tag:
    """A kind of flow: who pays whom for what."""

    name: str
    payer: str
    payee: str
    doc: str


@kernel
def _post(balance, home, sector, place, may_owe, tag, payer, payee, amount, by_sector, by_place, counts):  # type: ignore[no-untyped-def]
    """Move `amount` from payer to payee; returns the positions of a refused amount and an overdrawn payer, or -1.

    `home` is sector and place in one number; `sector`, `place` and `may_owe` say of each home what it is.
    """
    one_payer = payer.size == 1
    one_payee = payee.size == 1
    yuan_by_sector, yuan_by_place, number_by_place = by_sector[tag], by_place[tag], counts[tag]
    refused = -1
    low = False
    for i in range(amount.size):
        yuan = amount[i]
        if yuan == 0:
            continue
        a = payer[0 if one_payer else i]
        b = payee[0 if one_payee else i]
        home_a = home[a]
        home_b = home[b]
        if yuan < 0 or home_a < 0 or home_b < 0:
            refused = i
            continue
        balance[a] -= yuan
        low |= balance[a] < 0  # it may get something in return, or have the right to owe
        balance[b] += yuan
        place_a, place_b = place[home_a], place[home_b]
        yuan_by_sector[sector[home_a], sector[home_b]] += yuan
        yuan_by_place[place_a, place_b] += yuan
        number_by_place[place_a, place_b] += 1
    overdrawn = -1
    for i in range(payer.size if low else 0):
        if balance[payer[i]] < 0 and not may_owe[home[payer[i]]]:
            overdrawn = i
    return refused, overdrawn


@kernel
def _post_outside(balance, home, sector, place, may_owe, tag, accounts, amount, inward, by_sector, by_place, counts):  # type: ignore[no-untyped-def]
    """The same where one side is the outside account: whole populations are paid this way each month."""
    outside = place[home[0]]
    yuan_of = np.zeros(may_owe.size, np.int64)
    number_of = np.zeros(may_owe.size, np.int64)
    sign = 1 if inward else -1
    refused = -1
    overdrawn = -1
    for i in range(amount.size):
        yuan = amount[i]
        if yuan == 0:
            continue
        a = accounts[i]
        h = home[a]
        if yuan < 0 or h < 0:
            refused = i
            continue
        balance[a] += sign * yuan
        yuan_of[h] += yuan
        number_of[h] += 1
        if balance[a] < 0 and not may_owe[h]:
            overdrawn = i
    for h in range(may_owe.size):
        if number_of[h]:
            balance[0] -= sign * yuan_of[h]
            if inward:
                by_sector[tag, 0, sector[h]] += yuan_of[h]
                by_place[tag, outside, place[h]] += yuan_of[h]
                counts[tag, outside, place[h]] += number_of[h]
            else:
                by_sector[tag, sector[h], 0] += yuan_of[h]
                by_place[tag, place[h], outside] += yuan_of[h]
                counts[tag, place[h], outside] += number_of[h]
    return refused, overdrawn


@kernel
def _claim(home, sector, holder, issuer, amount, claims):  # type: ignore[no-untyped-def]
    one_holder = holder.size == 1
    one_issuer = issuer.size == 1
    for i in range(amount.size):
        a = holder[0 if one_holder else i]
        b = issuer[0 if one_issuer else i]
        claims[sector[home[a]], sector[home[b]]] += amount[i]


@kernel
def _close(home, accounts):  # type: ignore[no-untyped-def]
    """Close accounts; whether each was open."""
    for a in accounts:
        if home[a] == CLOSED:
            return False
        home[a] = CLOSED
    return True


class Ledger:
    """Accounts in yuan, this month's flows by tag, sector and place, and the claims between sectors."""

    def __init__(
        self,
        sectors: Sequence[str],
        tags: Sequence[Tag],
        instruments: Sequence[str],
        places: int,
        may_owe: Sequence[str] = ("outside",),
    ) -> None:
        self.sectors = tuple(sectors)
        self.may_owe = np.isin(sectors, may_owe)
        "Sectors whose accounts may be overdrawn: the outside, and banks, whose loans make deposits."
        self.tags = {tag.name: k for k, tag in enumerate(tags)}
        self.declared = tuple(tags)
        self.instruments = tuple(instruments)
        self.balance: Money = np.zeros(1, np.int64)
        self.places = places + 1
        self.home = np.full(1, places, np.int32)
        "Of each account: sector times the number of places, plus place; the last place is outside."
        homes = np.arange(len(self.sectors) * self.places)
        self._sector_of, self._place_of = homes // self.places, homes % self.places
        self._may_owe = self.may_owe[self._sector_of]
        self.used = 1
        self.outside: Accounts = np.zeros(1, np.int32)
        self._free: Accounts = np.empty(0, np.int32)
        n, s = len(tags), len(sectors)
        self.by_sector = np.zeros((n, s, s), np.int64)
        self.by_place = np.zeros((n, places + 1, places + 1), np.int64)
        self.counts = np.zeros_like(self.by_place)
        self.claims = np.zeros((len(instruments), s, s), np.int64)

    def open(self, sector: str, place: NDArray[Any]) -> Accounts:
        """Open an empty account for each place given; sector 0 ("outside") is account 0 alone."""
        n = len(place)
        reused = self._free[:n]
        self._free = self._free[n:]
        fresh = np.arange(self.used, self.used + n - reused.size, dtype=np.int32)
        self.used += fresh.size
        if self.used > self.balance.size:
            capacity = max(self.used, self.balance.size * 3 // 2)
            for name in ("balance", "home"):
                old = getattr(self, name)
                larger = np.zeros(capacity, old.dtype)
                larger[: old.size] = old
                setattr(self, name, larger)
        accounts: Accounts = np.concatenate([reused, fresh])
        self.balance[accounts] = 0
        self.home[accounts] = self.sectors.index(sector) * self.places + np.asarray(place)
        return accounts

    def close(self, accounts: Accounts) -> None:
        """Close accounts; what is in them has to be paid out first, and each is closed once."""
        if self.balance[accounts].any():
            raise InvariantError("an account was closed with money in it")
        if not _close(self.home, accounts):
            raise InvariantError("an account was closed twice")
        self._free = np.concatenate([self._free, accounts])

    def endow(self, accounts: Accounts, amount: Money) -> None:
        """Deposits that exist at the start: the counterpart is the outside sector's balance."""
        self.balance[accounts] += amount
        self.balance[0] -= amount.sum()

    def post(self, tag: str, payer: Accounts, payee: Accounts, amount: Money) -> None:
        """Pay `amount` (yuan, >= 0) from payer to payee, element by element; one account serves for many."""
        if payer.size not in (1, amount.size) or payee.size not in (1, amount.size):
            raise ValueError(f"{tag}: {amount.size} amounts, {payer.size} payers, {payee.size} payees")
        if not amount.size:
            return
        books = (self.by_sector, self.by_place, self.counts)
        shared = (self.balance, self.home, self._sector_of, self._place_of, self._may_owe, self.tags[tag])
        if payee.size == 1 and payee[0] == 0 and payer.size == amount.size:
            refused, overdrawn = _post_outside(*shared, payer, amount, False, *books)
        elif payer.size == 1 and payer[0] == 0 and payee.size == amount.size:
            refused, overdrawn = _post_outside(*shared, payee, amount, True, *books)
        else:
            refused, overdrawn = _post(*shared, payer, payee, amount, *books)
        if refused >= 0:
            wrong = f"a negative amount: {amount[refused]} yuan" if amount[refused] < 0 else "a closed account"
            raise InvariantError(f"the flow {tag} was given {wrong}")
        if overdrawn >= 0:
            account = payer[overdrawn]
            raise InvariantError(f"the flow {tag} overdraws account {account} to {self.balance[account]} yuan")

    def claim(self, instrument: str, holder: str, issuer: str, amount: int) -> None:
        """Change what `holder` owns of what `issuer` owes, at book value; negative when it is written off."""
        self.claims[self.instruments.index(instrument), self.sectors.index(holder), self.sectors.index(issuer)] += (
            amount
        )

    def claim_each(self, instrument: str, holder: Accounts, issuer: Accounts, amount: Money) -> None:
        """The same for single accounts, element by element; one account serves for many."""
        _claim(self.home, self._sector_of, holder, issuer, amount, self.claims[self.instruments.index(instrument)])

    def begin_month(self) -> None:
        """Forget last month's flows."""
        self.by_sector[:] = 0
        self.by_place[:] = 0
        self.counts[:] = 0

    def sector(self, accounts: NDArray[Any]) -> NDArray[np.int64]:
        """Sector of each account; a closed one counts with the outside, and is empty."""
        return self._sector_of[np.maximum(self.home[accounts], 0)]

    def place(self, accounts: NDArray[Any]) -> NDArray[np.int64]:
        """Place of each account that is open; the last one is outside."""
        return self._place_of[self.home[accounts]]

    def by_sector_balance(self) -> Money:
        """Deposits of each sector, in yuan."""
        homes = len(self.sectors) * self.places
        totals: Money = sum_by(self.home[: self.used], self.balance[: self.used], homes)
        return totals.reshape(-1, self.places).sum(axis=1)
