"""Who does chunks of runs: this process, processes beside it, or a cluster. None of them changes a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sim.experiments.chunk import Chunk
from sim.experiments.plan import Run
from sim.store import Receipt


@dataclass(frozen=True)
class Finished:
    """A chunk is done as far as its receipt says; what else it held is run again."""

    receipt: Receipt


@dataclass(frozen=True)
class Lost:
    """A run that took its process with it, or was ended because it took too long or too much."""

    run: Run
    stage: str
    message: str
    seconds: float


@dataclass(frozen=True)
class Began:
    """A run has begun somewhere."""

    run: Run


Report = Finished | Lost | Began


class Executor(Protocol):
    """Does chunks. It takes a few more than it has hands for, so that nothing waits and nothing piles up."""

    @property
    def slots(self) -> int:
        """How many chunks are done at the same time."""
        ...

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Report]:
        """Reports as they come, until the chunks end and all that was taken is done."""
        ...

    def stop(self) -> None:
        """Runs under way are finished, then chunks end early; may be called at any moment."""
        ...
