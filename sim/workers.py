"""Processes beside this one: they leave interrupts to it, and do not outlive it.

A new process imports this file before it can do anything else, so it imports nothing that takes time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
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
            with ThreadPoolExecutor(1) as starter:  # no interrupt finds its way into another thread
                starter.submit(_start, pool, count).result()
            yield pool
        except BaseException:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            raise


def _start(pool: ProcessPoolExecutor, count: int) -> None:
    """What a thread that hears of no interrupts starts does not hear of them either, from its first moment on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    for _ in range(count):  # a process starts when there is something for it to do
        pool.submit(_nothing)


def _begin(prepare: Callable[[], None]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    prepare()


def _end_with_parent() -> None:
    """Without this a worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
