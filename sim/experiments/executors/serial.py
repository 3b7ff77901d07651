"""This process does everything, one run after the other: the plainest executor, and the measure of all others."""

from __future__ import annotations

from collections.abc import Iterator

from sim.experiments.chunk import Chunk, perform
from sim.experiments.executors import Finished, Report


class Serial:
    """One run at a time, here."""

    slots = 1

    def __init__(self) -> None:
        self._stopped = False

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Report]:
        """Each chunk in turn."""
        for chunk in chunks:
            yield Finished(perform(chunk, go_on=lambda: not self._stopped))

    def stop(self) -> None:
        """Ends after the run under way."""
        self._stopped = True
