"""Drivers of a sweep that die when told to: at a moment, or at their n-th call that changes what is on the disk."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sim.experiments.executors.serial import Serial
from sim.experiments.experiment import Study
from sim.experiments.sweep import sweep_study

CALLS = ("open", "fsync", "replace", "rename", "unlink", "rmdir", "chmod", "mkdir", "ftruncate", "pwrite")

FORKS = multiprocessing.get_context("fork")  # a driver that has read its experiment: quick to start


def driver(study: Study, out: Path, work: str, kill_at: int = 0, count: Any = None) -> BaseProcess:
    """A process that runs a sweep by itself, started."""
    process = FORKS.Process(target=_drive, args=(study, out, work, kill_at, count), daemon=True)
    process.start()
    return process


def _drive(study: Study, out: Path, work: str, kill_at: int, count: Any) -> None:
    counted = _watch(kill_at) if kill_at or count is not None else None
    sweep_study(study, out=out, executor=Serial(), work=work)
    if count is not None and counted is not None:
        count.value = counted()


def _watch(kill_at: int) -> Callable[[], int]:
    """Counts calls that change the disk; at the `kill_at`-th, writes half-way through, this process is killed."""
    calls = 0

    def tick() -> bool:
        nonlocal calls
        calls += 1
        return calls == kill_at

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def before(*arguments: Any, **named: Any) -> Any:
            if tick():
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return before

    for name in CALLS:
        setattr(os, name, watched(getattr(os, name)))
    opened = os.fdopen

    def torn(*arguments: Any, **named: Any) -> Any:
        file = opened(*arguments, **named)
        write = file.write

        class Torn:
            def __enter__(self) -> Torn:
                return self

            def __exit__(self, *why: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def write(self, content: bytes) -> int:
                if tick():
                    write(content[: len(content) // 2])
                    file.flush()
                    os.kill(os.getpid(), signal.SIGKILL)
                return int(write(content))

        return Torn()

    os.fdopen = torn
    return lambda: calls
