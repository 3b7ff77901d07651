"""Atomic publication: what stands under its final name is whole and on the disk.

Temporary folder beside the target, fsync of each file, fsync of the folder, rename, fsync of the parent.
A failed fsync is a failure; what was half-written is removed.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import OutputError


def check_writable(folder: Path, needed_bytes: int = 0) -> None:
    """Raise OutputError before any work if `folder` cannot be made, written to, or hold `needed_bytes`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise OutputError(worded(folder, error)) from error
    if free < needed_bytes:
        raise OutputError(
            f"{folder}: {needed_bytes / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free",
            remedy="  Free some space or give another folder with --out.",
        )


@contextmanager
def published(target: Path) -> Iterator[Path]:
    """A folder to fill; when the block ends well it becomes `target`, replacing what was there."""
    scratch = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        scratch.chmod(0o777 & ~_umask())
        yield scratch
        for path in sorted(scratch.rglob("*")):
            _sync(path)
        _sync(scratch)
        old = None
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".old-{target.name}-", dir=target.parent))
            target.replace(old / "replaced")
        scratch.replace(target)
        _sync(target.parent)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise OutputError(worded(target, error)) from error
    finally:
        if scratch is not None and scratch.exists():
            shutil.rmtree(scratch, ignore_errors=True)


def replace_file(target: Path, content: bytes) -> None:
    """Write one file atomically."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    except OSError as error:
        raise OutputError(worded(target, error)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
        _sync(target.parent)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise OutputError(worded(target, error)) from error


def worded(path: Path, error: OSError) -> str:
    """Why a path could not be written, in words."""
    reasons = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the quota is used up",
        errno.EFBIG: "the file would be larger than this account may write",
        errno.EROFS: "the folder is read-only",
        errno.EACCES: "no permission to write there",
        errno.EPERM: "no permission to write there",
        errno.ENOTDIR: "a part of the path is a file, not a folder",
        errno.EEXIST: "a file of that name is in the way",
    }
    return f"{path}: {reasons.get(error.errno or 0, error.strerror or str(error))}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
