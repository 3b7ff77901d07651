"""Processes beside this one: they leave interrupts to it, and do not outlive it.

A new process imports this file before it can do anything else, so it imports nothing that takes time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from threading import Thread


def _nothing() -> None:
    pass


@contextmanager
def workers(count: int, prepare: Callable[[], None] = _nothing) -> Iterator[ProcessPoolExecutor]:
    """Processes that start at once, from nothing, and prepare for what they will be asked; an error ends them."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(prepare,)) as pool:
        try:
            with _deaf():
                for _ in range(count):  # a process starts when there is something for it to do
                    pool.submit(_nothing)
            yield pool
        except BaseException:
            processes = list((getattr(pool, "_processes", None) or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            raise


@contextmanager
def _deaf() -> Iterator[None]:
    """What starts here does not hear of interrupts, from its first moment on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(prepare: Callable[[], None]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    prepare()


def _end_with_parent() -> None:
    """Without this a worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
