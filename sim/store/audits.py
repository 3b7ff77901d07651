"""What audits of a store found: runs that were done again, and whether they gave the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.errors import StoreError
from sim.store.publishing import replace_file
from sim.store.sealing import sealed, unsealed


def audited(folder: Path) -> dict[str, bool]:
    """Whether each run that was done again gave the same, by key."""
    try:
        return dict(unsealed(_file(folder))["audited"])
    except (FileNotFoundError, StoreError, KeyError):
        return {}


def keep_audits(folder: Path, results: Mapping[str, bool]) -> None:
    """Add to what earlier audits found."""
    if results:
        replace_file(_file(folder), sealed({"audited": audited(folder) | dict(results)}))


def _file(folder: Path) -> Path:
    return folder / "audits.json"
