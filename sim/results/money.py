"""Who owned and owed what, and who paid whom: the two matrices of a stock-flow consistent model, from a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import Finding, InputError
from sim.results.reading import Result

Reals = NDArray[np.float64]
MILLION = 1e6


@dataclass(frozen=True)
class Matrix:
    """Rows by sectors, in yuan, means over replicates; every row adds up to zero."""

    title: str
    rows: tuple[str, ...]
    sectors: tuple[str, ...]
    yuan: Reals

    def table(self) -> tuple[list[list[str]], list[str]]:
        """Cells in m yuan for a terminal, and their head; sectors without any entry are left out."""
        shown = [k for k in range(len(self.sectors)) if self.yuan[:, k].any()]
        cells = [
            [row, *(_number(self.yuan[at, k]) for k in shown), _number(self.yuan[at].sum())]
            for at, row in enumerate(self.rows)
        ]
        return cells, ["m yuan", *(self.sectors[k] for k in shown), "sum"]


def _number(yuan: float) -> str:
    """In million yuan; empty where there is nothing but what means over replicates leave of it."""
    return "" if abs(yuan) < 0.5 else f"{yuan / MILLION:,.0f}" if abs(yuan) >= MILLION else f"{yuan / MILLION:.2g}"


def years(result: Result) -> list[str]:
    """Years that have books."""
    return [month[:4] for month in result.years]


def balance_sheet(result: Result, year: str) -> Matrix:
    """What sectors own (+) and owe (-) at the end of a year; the last row is what it comes to."""
    rows, sums = [], []
    for entry in result.book_entries:
        if not entry.startswith("pay_"):
            held = _mean(result, year, entry)
            net = np.diag(held) if entry == "deposits" else held.sum(axis=1) - held.sum(axis=0)
            rows.append(entry.removeprefix("claim_"))
            sums.append(net)
    return _matrix(result, f"Balance sheet at the end of {year}", rows, sums, "net worth")


def flow_matrix(result: Result, year: str) -> Matrix:
    """What sectors received (+) and paid (-) in a year, by kind; the last row is the change of their deposits."""
    rows, sums = [], []
    for entry in result.book_entries:
        if entry.startswith("pay_"):
            paid = _mean(result, year, entry)
            if paid.any():
                rows.append(entry.removeprefix("pay_"))
                sums.append(paid.sum(axis=0) - paid.sum(axis=1))
    return _matrix(result, f"Flows of {year}", rows, sums, "change of deposits")


def who_paid_whom(result: Result, year: str) -> Reals:
    """What each sector paid each other one in a year, as [payer, payee], in yuan."""
    total = np.zeros((len(result.sectors),) * 2)
    for entry in result.book_entries:
        if entry.startswith("pay_"):
            total += _mean(result, year, entry)
    return total


def _matrix(result: Result, title: str, rows: Sequence[str], sums: Sequence[Reals], last: str) -> Matrix:
    whole = np.array([*sums, np.sum(sums, axis=0) if sums else np.zeros(len(result.sectors))])
    return Matrix(title, (*rows, last), tuple(result.sectors), whole.reshape(len(rows) + 1, -1))


def _mean(result: Result, year: str, entry: str) -> Reals:
    if year not in years(result):
        raise InputError(
            Finding(message="no such year in this result", file=str(result.folder), path=year,
                    allowed=", ".join(years(result)))
        )  # fmt: skip
    table = result.books(result.years[years(result).index(year)], entry)
    return np.asarray(table.sum(axis=0) / result.replicates)
