"""One command at a time adds runs to a folder; the system lets go of the lock however that command ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import OutputError, StoreError
from sim.store.publishing import worded

HELD = (errno.EAGAIN, errno.EACCES)
NONE_HERE = (errno.ENOLCK, errno.ENOTSUP)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder; StoreError, saying who holds it, if another process does."""
    path = folder / "lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise OutputError(worded(path, error)) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in HELD:
                raise StoreError(
                    f"{folder}: another command is adding runs to it{_holder(path)}",
                    remedy="  Wait until it ends, or read: status, query and export work meanwhile.",
                ) from None
            if error.errno in NONE_HERE:
                raise OutputError(f"{folder}: this file system has no locks; give a folder on another one") from error
            raise OutputError(worded(path, error)) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(_me()).encode(), 0)
        yield
    finally:
        os.close(handle)


def holder(folder: Path) -> str:
    """Who adds runs to a folder now, in words; empty if nobody does."""
    try:
        handle = os.open(folder / "lock", os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _holder(folder / "lock").strip() or "held"
    finally:
        os.close(handle)
    return ""


def _me() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "host": platform.node(),
        "boot": _boot(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
    }


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f" (process {int(told['pid'])} on {str(told['host'])[:80]} since {str(told['since'])[:40]})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
