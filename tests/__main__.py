"""Everything that must hold: `python -m tests`. Style, types, layers, then the tests on two cores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STEPS = (
    ("style", ["-m", "ruff", "check", "sim", "tests"]),
    ("format", ["-m", "ruff", "format", "--check", "sim", "tests"]),
    ("types", ["-m", "mypy"]),
    ("layers", ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]),
    ("tests", ["-m", "pytest", "-n", "2", "--dist", "worksteal", "-q"]),
)


def main() -> int:
    root = Path(__file__).parent.parent
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        given = sys.argv[1:] if name == "tests" else []
        code = subprocess.run([sys.executable, *command, *given], cwd=root, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
