"""The standing audit: one of 500 finished runs is done again, elsewhere, and must give the same numbers.

So every sweep also tests the machine that it runs on, and that nothing but the scenario decides a result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from sim.experiments.chunk import Chunk
from sim.experiments.plan import Plan
from sim.store import Receipt
from sim.store.receipts import DONE

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
