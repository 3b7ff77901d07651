"""`kernel`: the one way a loop is compiled, with a cache that can never be stale.

Numba renews a cached kernel when the file that holds it changes, but not when a function it calls in another
file does. Kernels may therefore call compiled functions of their own file and of `sim.core` only, and the cache
folder is named after the content of `sim.core`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _cache_folder() -> Path:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "jjj"
    name = f"kernels-{digest.hexdigest()}"
    return root if root.name == name else root / name  # a worker inherits the folder of its parent


def _private(folder: Path) -> bool:
    """Whether the folder can be used: its index files are pickles, so nobody else may write them."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o022 and os.access(folder, os.W_OK)


_FOLDER = _cache_folder()
CACHED = _private(_FOLDER)
if CACHED:
    os.environ["NUMBA_CACHE_DIR"] = str(_FOLDER)

from numba import njit  # noqa: E402  (the folder must be known before numba is imported)


def is_cold() -> bool:
    """Whether the next run has to compile first."""
    return not CACHED or next(_FOLDER.rglob("*.nbi"), None) is None


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that decides outcomes: no fastmath, no parallel reductions, cached on disk."""
    return njit(cache=CACHED, fastmath=False, parallel=False)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a small function into its callers: only then are loops of keyed draws vectorised (50 to 2 ns a draw)."""
    return njit(inline="always")(function)
