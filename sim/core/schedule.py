"""The month as data: an ordered, printable list of processes with what each reads and writes.

Inside a phase all processes act on the state with which the phase began: none may read or write what another
one writes, unless it is a channel (counters, requests, accounts), whose contributions add up in any order.
Conflicts are refused when the schedule is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from sim.errors import InvariantError

W = TypeVar("W")


@dataclass(frozen=True)
class Process(Generic[W]):
    """One thing that happens each month.

    `system` names the parts of the model that it belongs to ("A1, A2"); it happens while one of them is switched on.
    `tier` is the smallest tier of the model in which it happens.
    """

    name: str
    phase: str
    run: Callable[[W], None]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    system: str = ""
    doc: str = ""
    tier: str = "core"

    @property
    def systems(self) -> frozenset[str]:
        """The systems it belongs to."""
        return frozenset(name.strip() for name in self.system.split(","))


class Schedule(Generic[W]):
    """Phases in order, the processes of each, checked."""

    def __init__(self, phases: Sequence[str], processes: Sequence[Process[W]], channels: Sequence[str] = ()) -> None:
        self.phases = tuple(phases)
        self.channels = frozenset(channels)
        unknown = [p for p in processes if p.phase not in self.phases]
        if unknown:
            raise ValueError(f"{unknown[0].name}: no phase {unknown[0].phase!r}; there are {', '.join(phases)}")
        self.processes = tuple(p for phase in self.phases for p in processes if p.phase == phase)
        names = [p.name for p in self.processes]
        if len(set(names)) != len(names):
            raise ValueError("two processes have one name")
        for writer in self.processes:
            for other in self.processes:
                if other is not writer and other.phase == writer.phase:
                    self._refuse(writer, other)

    def _refuse(self, writer: Process[W], other: Process[W]) -> None:
        private = set(writer.writes) - self.channels
        reads, writes = ({m for m in private for o in names if _overlap(m, o)} for names in (other.reads, other.writes))
        if shared := reads | writes:
            verb = "reads" if reads else "writes"
            raise ValueError(
                f"{writer.phase}: {writer.name} writes {', '.join(sorted(shared))}, which {other.name} also {verb}. "
                "Move one of them to another phase, or make it a channel."
            )

    def only(self, chosen: Callable[[Process[W]], bool]) -> Schedule[W]:
        """The same month without the processes that are not chosen."""
        return Schedule(self.phases, [p for p in self.processes if chosen(p)], tuple(self.channels))

    def run(self, world: W, *after: Callable[[W], None]) -> None:
        """One month, in order; what is given as `after` is called after each process. A breach names the process."""
        for process in self.processes:
            try:
                process.run(world)
                for call in after:
                    call(world)
            except InvariantError as error:
                error.process = error.process or process.name
                raise

    def table(self) -> list[dict[str, Any]]:
        """One row a process, for people."""
        return [
            {
                "phase": p.phase,
                "process": p.name,
                "system": p.system,
                "reads": ", ".join(p.reads),
                "writes": ", ".join(p.writes),
                "what": p.doc,
            }
            for p in self.processes
        ]


def _overlap(one: str, other: str) -> bool:
    """Whether two names mean a common column; `branches.*` means every column of branches."""
    return fnmatchcase(one, other) or fnmatchcase(other, one)
