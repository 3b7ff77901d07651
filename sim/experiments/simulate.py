"""One replicate of a scenario, from its first month to its last: the smallest thing that can be run, and re-run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.build import build
from sim.core.invariants import Level
from sim.diffusion import environment
from sim.diffusion.loop_gain import Flows, spectral_radius
from sim.errors import InvariantError
from sim.metrics.books import Booked
from sim.metrics.histograms import Binned
from sim.metrics.recorder import Moves, Recorder, metrics_of
from sim.month import AUDITS, advance, month_of
from sim.scenario.schema import ScenarioDocument


@dataclass(frozen=True)
class Outcome:
    """What a replicate leaves: series [metric, month, place], movements, histograms, and events if asked for."""

    seed: int
    replicate: int
    metrics: tuple[str, ...]
    kinds: tuple[str, ...]
    series: NDArray[np.int64]
    moves: Moves
    histograms: Binned
    events: list[dict[str, Any]] | None
    entity_months: int
    "Living entities summed over the months: what the cost of a run is measured in."
    bytes_held: int
    "Size of all columns at the end."
    loop_gain: float | None = None
    "Spectral radius of the loop gain of the environment's feedback; None where there is no environment."
    books: Booked | None = None
    "Balances and flows by sector, year by year."

    @property
    def digest(self) -> str:
        """BLAKE2b-256 of the content: equal for equal results, whatever computed them."""
        digest = hashlib.blake2b(digest_size=32)
        books = {} if self.books is None else vars(self.books)
        for array in (self.series, *vars(self.moves).values(), *vars(self.histograms).values(), *books.values()):
            digest.update(repr((array.dtype.str, array.shape)).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def simulate(
    scenario: ScenarioDocument,
    folder: Path,
    seed: int = 1,
    replicate: int = 0,
    *,
    events: bool = False,
    until: str | None = None,
    invariants: Level = "light",
    heed: Callable[[], None] | None = None,
) -> Outcome:
    """Run one replicate; `until` stops early ("YYYY-MM"). What `heed` raises, called after each process, ends it.

    Raises InvariantError if something that must hold does not. A breach that was found at the end of a month is looked
    for again after each process, so that the process is named.
    """
    world = build(scenario, folder, seed, replicate)
    if events:
        world.events = []
    recorder = Recorder(world, metrics_of(world.region))
    months = world.clock.months if until is None else world.clock.index(until) + 1
    lived = 0
    for month in range(months):
        try:
            advance(world, invariants, heed)
        except InvariantError as error:
            error.seed, error.replicate = seed, replicate
            error.remedy = f"  Scenario {scenario.name}, seed {seed}, replicate {replicate}."
            if error.process in AUDITS and invariants != "full":  # found at the end of the month: who did it?
                simulate(scenario, folder, seed, replicate, until=world.clock.label(month), invariants="full")
            raise  # and the first finding stands where the second run does not break
        recorder.record(world, month)
        lived += sum(len(p) for p in world.populations().values())
    moves = recorder.moves()
    return Outcome(
        seed,
        replicate,
        tuple(m.name for m in recorder.metrics),
        recorder.kinds,
        recorder.series,
        moves,
        recorder.histograms(),
        world.events,
        lived,
        sum(p.nbytes for p in world.populations().values()),
        spectral_radius(world, _flows(recorder, moves)) if _feeds_back(scenario) else None,
        recorder.books(),
    )


def _feeds_back(scenario: ScenarioDocument) -> bool:
    return any(process is environment.PROCESS for process in month_of(scenario.tier, scenario.systems).processes)


def _flows(recorder: Recorder, moves: Moves) -> Flows:
    """All that went from zone to zone in the run."""
    zones = recorder.zones

    def moved(kind: str) -> NDArray[np.float64]:
        total = np.zeros((zones + 1, zones + 1))
        chosen = moves.kind == recorder.kinds.index(kind)
        np.add.at(total, (moves.origin[chosen], moves.target[chosen]), moves.count[chosen])
        return total[:zones, :zones]

    def counted(name: str) -> NDArray[np.float64]:
        return recorder.series[[m.name for m in recorder.metrics].index(name), :, :zones].sum(axis=0).astype(float)

    return Flows(
        moved("deals"), counted("deals_outside"), moved("ventures"), moved("branches"), counted("branches_elsewhere")
    )
