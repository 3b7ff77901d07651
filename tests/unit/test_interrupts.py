"""An interrupt is answered even if it falls into a callback of compiled code, where Python drops what is raised."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from sim.interrupts import remembered


@pytest.fixture(autouse=True)
def _interrupts_of_python() -> Iterator[None]:
    """A test run in the background ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def in_a_callback(what: Callable[[], None]) -> None:
    """Call from compiled code, as the compiler of the kernels does."""
    ctypes.CFUNCTYPE(None)(what)()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_it_an_interrupt_in_a_callback_is_lost() -> None:
    try:
        in_a_callback(interrupt)
    except KeyboardInterrupt:
        pytest.fail("it was raised, so that nothing need remember it")


def test_an_interrupt_in_a_callback_is_answered_afterwards() -> None:
    with pytest.raises(KeyboardInterrupt), remembered() as answer:
        in_a_callback(interrupt)
        answer()
        pytest.fail("it went on")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_not_asked_for_is_answered_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), remembered():
        in_a_callback(interrupt)
    with remembered() as answer:
        answer()


def test_a_second_interrupt_does_not_wait() -> None:
    with pytest.raises(KeyboardInterrupt), remembered():
        interrupt()
        interrupt()
        pytest.fail("it waited")


def test_an_error_is_not_hidden_by_an_interrupt() -> None:
    with pytest.raises(ValueError, match="first"), remembered():
        interrupt()
        raise ValueError("first")


def test_another_answer_and_other_threads_are_left_alone() -> None:
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    with remembered() as answer:
        interrupt()
        answer()
    assert heard == [signal.SIGINT]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    handlers: list[object] = []

    def elsewhere() -> None:
        with remembered():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
