"""What a fresh process loads."""

from __future__ import annotations

import subprocess
import sys


def loaded_by(code: str, *packages: str) -> list[str]:
    """Modules of these packages that are loaded once some code has run."""
    asked = f"""{code}
import sys
print(*(name for name in sys.modules if any(f"{{name}}.".startswith(f"{{package}}.") for package in {packages})))"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()
