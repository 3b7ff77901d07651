"""A plain ledger, and whose bills are paid.

Every payment is one entry of a journal: tag, payer, payee, whole yuan. Deposits are what the entries leave; nobody but
the outside sector may owe. Bills are asked for first (`Request`), cleared against each payer's own cash, and paid
only then, so that nobody is served first because he came first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple


@dataclass(eq=False)
class Account:
    """Where somebody's deposits are: the sector and the zone of the owner."""

    sector: str
    place: int
    "Number of the zone; the number of zones stands for the outside."


class Entry(NamedTuple):
    """One line of the journal."""

    tag: str
    payer: Account
    payee: Account
    yuan: int


class Ledger:
    """Accounts with their deposits, this month's journal, and claims between sectors at book value."""

    MAY_OWE = ("outside", "banks")

    def __init__(self, zones: int) -> None:
        self.outside = Account("outside", zones)
        self.balance: dict[Account, int] = {self.outside: 0}
        self.journal: list[Entry] = []
        self.claims: Counter[tuple[str, str, str]] = Counter()
        "By instrument, sector of the holder, sector of the issuer."

    def open(self, sector: str, zone: int) -> Account:
        account = Account(sector, zone)
        self.balance[account] = 0
        return account

    def close(self, account: Account) -> None:
        left = self.balance.pop(account)
        assert left == 0, f"an account of {account.sector} is closed with {left} yuan in it"

    def pay(self, tag: str, payer: Account, payee: Account, yuan: int) -> None:
        """Enter a payment on both sides; nothing is no entry."""
        assert yuan >= 0, f"{tag}: {yuan} yuan"
        if yuan == 0:
            return
        self.balance[payer] -= yuan
        self.balance[payee] += yuan
        self.journal.append(Entry(tag, payer, payee, yuan))
        assert self.balance[payer] >= 0 or payer.sector in self.MAY_OWE, f"{tag} overdraws an account of {payer.sector}"

    def claim(self, instrument: str, holder: str, issuer: str, yuan: int) -> None:
        """Change what a sector owns of what another one owes; negative when it is sold or written off."""
        self.claims[instrument, holder, issuer] += yuan


@dataclass
class Request:
    """A payment that somebody asks for: from whom, how much, and what of it was granted."""

    uid: int
    payer: Account
    yuan: int
    granted: int = field(default=0, init=False)
    seniority: ClassVar[int] = 0
    "Bills of a lower number come first."
    divisible: ClassVar[bool] = False
    "Whether a part may be paid if the whole cannot."
    need: ClassVar[str | None] = None
    "What it is called where finance is sought for it."

    @property
    def in_full(self) -> bool:
        return self.granted == self.yuan


def clear(requests: Iterable[Request], ledger: Ledger, priority: Callable[[int], float]) -> None:
    """Grant what each payer can pay; who cannot pay all pays by seniority, then by lot."""
    asked: dict[Account, list[Request]] = defaultdict(list)
    for request in requests:
        asked[request.payer].append(request)
    for payer, bills in asked.items():
        left = ledger.balance[payer]
        if sum(bill.yuan for bill in bills) <= left:
            for bill in bills:
                bill.granted = bill.yuan
            continue
        for bill in sorted(bills, key=lambda bill: (bill.seniority, priority(bill.uid), bill.uid)):
            if bill.yuan <= left:
                bill.granted = bill.yuan
            elif bill.divisible:
                bill.granted = max(left, 0)
            left -= bill.granted
