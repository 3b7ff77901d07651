"""What produced a result: software, source of the model, numeric abilities of the machine; no names, no paths."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "numpy", "scipy", "numba", "llvmlite", "mesa", "pydantic", "ruamel.yaml", "pyarrow", "shapely", "matplotlib",
)  # fmt: skip

# What keeps, draws, prints or explores results decides none of them; nor does what asks for runs.
NOT_THE_MODEL = (
    "cli.py", "__main__.py", "workers.py", "figures", "results", "report", "explorer", "views.py", "model.py", "store",
    "experiments", "commands",
)  # fmt: skip
SIMULATES = "experiments/simulate.py"


@cache
def model_source() -> str:
    """BLAKE2b-256 of the source files that decide a result."""
    root = Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=32)
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if name.as_posix() != SIMULATES and (name.parts[0] in NOT_THE_MODEL or "library" in name.parts):
            continue
        digest.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def software() -> dict[str, str]:
    """Versions of Python and of the packages that take part."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """The numeric fingerprint: runs with an equal one are entitled to equal bits."""
    libc = " ".join(platform.libc_ver()).strip()
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "byte_order": sys.byteorder,
        "libm": libc or "unknown",
        "features": _features(),
    }


def _features() -> str:
    import llvmlite.binding as llvm

    wanted = ("avx", "avx2", "fma", "avx512f", "neon")
    have = dict(llvm.get_host_cpu_features())  # type: ignore[no-untyped-call]
    return ",".join(name for name in wanted if have.get(name))
