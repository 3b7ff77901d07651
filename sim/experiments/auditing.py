"""The standing audit: one of 500 finished runs is done again, elsewhere, and must give the same numbers.

So every sweep also tests the machine that it runs on, and that nothing but the scenario decides a result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from sim.errors import StoreError
from sim.experiments.chunk import Chunk
from sim.experiments.plan import Plan
from sim.store import Receipt, Store
from sim.store.publishing import replace_file
from sim.store.receipts import DONE
from sim.store.sealing import sealed, unsealed

ONE_IN = 500


def chosen(key: str) -> bool:
    """Whether a run is audited; its key says so, so that nobody chooses."""
    return int(key[-8:], 16) % ONE_IN == 0


class Audit:
    """Runs that are done once more, and what came of it."""

    def __init__(self, plan: Plan, work: str) -> None:
        self.plan, self.work = plan, work
        self.results: dict[str, bool] = {}
        "Whether each audited run gave the same again, by key."
        self._expected: dict[str, tuple[str, str]] = {}
        self._waiting: deque[str] = deque()

    def note(self, receipt: Receipt) -> None:
        """Choose from runs that are done."""
        rows = receipt.rows
        for at, key in enumerate(rows.key):
            if rows.status[at] == DONE and chosen(key):
                self._expected[key] = rows.digest[at], rows.outcome[at]
                self._waiting.append(key)

    def chunks(self) -> Iterator[Chunk]:
        """Runs to be done again, one at a time; it may be asked again when more are done."""
        while self._waiting:
            key = self._waiting.popleft()
            run = self.plan.run(self.plan.keys().index(key))
            yield Chunk(self.plan.folder, (run,), self.work, keep=False)

    def judged(self, receipt: Receipt) -> bool:
        """Whether this is the receipt of an audit, and if so what it says is noted."""
        rows = receipt.rows
        if len(rows) != 1 or rows.key[0] not in self._expected or receipt.part is not None:
            return False
        key = rows.key[0]
        self.results[key] = (rows.digest[0], rows.outcome[0]) == self._expected.pop(key)
        return True

    def lost(self, key: str) -> bool:
        """Whether a run that was lost was an audit, of which then nothing is known."""
        return self._expected.pop(key, None) is not None

    def keep(self, store: Store) -> None:
        """Add what was found to what earlier sweeps found."""
        if self.results:
            replace_file(_file(store.folder), sealed({"audited": audited(store.folder) | self.results}))


def audited(folder: Path) -> dict[str, bool]:
    """What all audits of a store found, by key."""
    try:
        return dict(unsealed(_file(folder))["audited"])
    except (FileNotFoundError, StoreError, KeyError):
        return {}


def _file(folder: Path) -> Path:
    return folder / "audits.json"
