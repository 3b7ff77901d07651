"""Ctrl-C between the processes of a run: Python drops an exception that is raised inside a callback of compiled code.

The compiler of our kernels calls back while it loads or compiles them, so an interrupt at such a moment would be
printed and forgotten. It is remembered instead, and answered where nothing can swallow it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def remembered() -> Iterator[Callable[[], None]]:
    """Inside, an interrupt waits until the function that is given is called, or for the end; a second does not wait.

    Where somebody else answers interrupts, or this is not the main thread, nothing is changed.

    Raises:
        KeyboardInterrupt: from the function or at the end, once an interrupt came.
    """
    asked = False

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def answer() -> None:
        if asked:
            raise KeyboardInterrupt

    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield answer
        return
    signal.signal(signal.SIGINT, remember)
    try:
        yield answer
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    answer()
