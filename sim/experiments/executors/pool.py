"""Our own supervisor: one process a core, each with a pipe. What happens to one of them happens to no other.

A run that kills its process is tried once more, alone; if it does so again it is reported as lost, by name, and its
neighbours are done again by others. So is a run that takes longer than allowed, or more memory than its share; these
are not tried again. A process whose memory has grown is replaced between chunks. A process ends with its parent.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait

from sim.errors import JJJError
from sim.experiments.chunk import Chunk, perform
from sim.experiments.executors import Began, Finished, Lost, Report
from sim.experiments.plan import Run
from sim.scenario.sizes import memory_bytes
from sim.store import Receipt

SPAWN = multiprocessing.get_context("spawn")
LOOK_EVERY = 0.5
"Seconds between looks at time and memory."
RECYCLED_ABOVE = 0.5
"Share of a process's share of the memory above which it is replaced when its chunk is done."
PR_SET_PDEATHSIG = 1


class Worker:
    """One process, and what it is doing."""

    def __init__(self) -> None:
        self.pipe, far_end = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_work, args=(far_end, os.getpid()), daemon=True)
        resource_tracker.ensure_running()  # it would let interrupts in again if it were started with the process
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.process.start()  # from its first moment on it hears of no interrupts: they are this process's to answer
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        far_end.close()
        self.chunk: Chunk | None = None
        self.run: Run | None = None
        self.since = 0.0
        self.alone = False

    def give(self, chunk: Chunk, alone: bool) -> None:
        self.chunk, self.run, self.alone = chunk, None, alone
        self.pipe.send(chunk)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def memory(self) -> int:
        """Bytes it holds now; 0 if it is gone."""
        try:
            with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - twice a second
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0


class Pool:
    """`slots` processes beside this one."""

    def __init__(self, slots: int, *, timeout: float | None = None, memory: float | None = None) -> None:
        self.slots = slots
        self.timeout = timeout
        self.memory = memory or 0.9 * memory_bytes() / slots
        self._stopped = False

    def stop(self) -> None:
        """Runs under way are finished and nothing more is begun."""
        self._stopped = True

    def run(self, chunks: Iterator[Chunk]) -> Iterator[Report]:
        """Does chunks until there are no more."""
        again: deque[tuple[Chunk, bool]] = deque()  # what is done again, and whether it is suspected
        idle: list[Worker] = []
        busy: dict[Connection, Worker] = {}
        reports: list[Report] = []
        told, looked = False, time.monotonic()
        try:
            while True:
                self._occupy(chunks, again, idle, busy)
                if not busy and not reports:
                    return
                yield from reports  # after the hands are full again
                reports.clear()
                if not busy:
                    continue  # what was reported may have made more to do
                if self._stopped and not told:
                    told = True
                    for worker in busy.values():
                        _tell_to_stop(worker)
                for pipe in wait([*busy], LOOK_EVERY):
                    worker = busy[pipe]  # type: ignore[index]
                    try:
                        said = worker.pipe.recv()
                    except (EOFError, OSError):
                        del busy[worker.pipe]
                        reports += self._died(worker, again)
                        continue
                    if isinstance(said, Run):
                        worker.run, worker.since = said, time.monotonic()
                        reports.append(Began(said))
                        continue
                    del busy[worker.pipe]
                    if isinstance(said, Exception):
                        worker.end()
                        raise said
                    reports.append(Finished(said))
                    if worker.memory() > RECYCLED_ABOVE * self.memory:
                        worker.end()
                    else:
                        idle.append(worker)
                if time.monotonic() - looked > LOOK_EVERY:
                    looked = time.monotonic()
                    for worker in [*busy.values()]:
                        if why := self._too_much(worker):
                            del busy[worker.pipe]
                            reports.append(self._ended(worker, *why, again))
        finally:
            for worker in [*busy.values(), *idle]:
                worker.end()

    def _occupy(
        self,
        chunks: Iterator[Chunk],
        again: deque[tuple[Chunk, bool]],
        idle: list[Worker],
        busy: dict[Connection, Worker],
    ) -> None:
        """Give every process something to do, as long as there is something."""
        while not self._stopped and len(busy) < self.slots:
            if again:
                chunk, alone = again.popleft()
            elif (following := next(chunks, None)) is not None:
                chunk, alone = following, False
            else:
                return
            worker = idle.pop() if idle else Worker()
            try:
                worker.give(chunk, alone)
            except OSError:  # it died while it was idle
                worker.end()
                again.appendleft((chunk, alone))
                continue
            busy[worker.pipe] = worker

    def _too_much(self, worker: Worker) -> tuple[str, str] | None:
        """Why a run must end, if it must."""
        if worker.run is None:
            return None
        if self.timeout is not None and time.monotonic() - worker.since > self.timeout:
            return "timeout", f"took longer than {self.timeout:g} s and was ended"
        if (held := worker.memory()) > self.memory:
            return (
                "memory",
                f"held {held / 1e6:.0f} MB, more than its share of {self.memory / 1e6:.0f} MB, and was ended",
            )
        return None

    def _ended(self, worker: Worker, stage: str, message: str, again: deque[tuple[Chunk, bool]]) -> Report:
        """A run is ended from here; its neighbours are done again."""
        assert worker.run is not None
        assert worker.chunk is not None
        worker.end()
        _others(worker.chunk, worker.run, again)
        return Lost(worker.run, stage, message, time.monotonic() - worker.since)

    def _died(self, worker: Worker, again: deque[tuple[Chunk, bool]]) -> list[Report]:
        """A process is gone: the run that it was doing is suspected, and tried once more, alone."""
        worker.end()
        assert worker.chunk is not None
        code = worker.process.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if code == -signal.SIGKILL:
            how += ", perhaps by a system out of memory"
        if not worker.alone:
            suspected = worker.chunk.runs if worker.run is None else (worker.run,)
            again.append((replace(worker.chunk, runs=suspected), True))
            if worker.run is not None:
                _others(worker.chunk, worker.run, again)
            return []
        seconds = time.monotonic() - worker.since if worker.run else 0.0
        return [Lost(run, "process", f"its process ended twice ({how})", seconds) for run in worker.chunk.runs]


def _others(chunk: Chunk, one: Run, again: deque[tuple[Chunk, bool]]) -> None:
    """All runs of a chunk but one are done again."""
    if rest := tuple(run for run in chunk.runs if run.index != one.index):
        again.append((replace(chunk, runs=rest), False))


def _tell_to_stop(worker: Worker) -> None:
    try:
        worker.pipe.send(None)
    except OSError:
        return  # it is gone, which is noticed when it is read from


def _work(pipe: Connection, parent: int) -> None:
    """The life of a process: chunks come, receipts go, until the other end is closed."""
    _end_with(parent)
    stopped = False

    def go_on() -> bool:
        nonlocal stopped
        stopped = stopped or pipe.poll()
        return not stopped

    try:
        while (chunk := pipe.recv()) is not None:
            pipe.send(_done(chunk, pipe, go_on))
            if stopped:
                return
    except (EOFError, OSError):
        return


def _done(chunk: Chunk, pipe: Connection, go_on: Callable[[], bool]) -> Receipt | Exception:
    """What is sent back: a receipt, or why there can be none."""
    try:
        return perform(chunk, pipe.send, go_on)
    except JJJError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug of ours, told where it can be seen
        return RuntimeError(f"{type(error).__name__}: {error}")


def _end_with(parent: int) -> None:
    """The system ends this process when its parent ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
