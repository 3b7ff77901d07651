"""A receipt says what a part holds and what became of each run; once it stands, the runs count."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import StoreError
from sim.store.sealing import sealed, unsealed

FORMAT = 1
DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class Part:
    """A file of series, and what its bytes were when it was written."""

    size: int
    digest: str


@dataclass
class Rows:
    """What became of each run, column by column; those that are done lie in the part in this order."""

    key: list[str] = field(default_factory=list)
    arm: list[str] = field(default_factory=list)
    point: list[int] = field(default_factory=list)
    replicate: list[int] = field(default_factory=list)
    seed: list[int] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    digest: list[str] = field(default_factory=list)
    "Of the series that are kept; empty where the run failed."
    outcome: list[str] = field(default_factory=list)
    "Of everything that the run made, kept or not."
    loop_gain: list[float | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory_mb: list[int] = field(default_factory=list)
    "Most that the process had held until then."
    stage: list[str] = field(default_factory=list)
    "Where a run failed, and as what, and with which words; empty where it did not."
    exception: list[str] = field(default_factory=list)
    message: list[str] = field(default_factory=list)

    def add(self, **values: Any) -> None:
        """One run more."""
        for name, column in vars(self).items():
            column.append(values[name])

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Receipt:
    """The commit point of up to a hundred runs."""

    id: str
    plan: str
    start: str
    "First month of the runs."
    months: int
    places: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: Rows
    part: Part | None
    "None where no run is done."
    made_by: dict[str, str]
    "Versions and numeric abilities of the machine."
    replaces: tuple[str, ...] = ()
    "Receipts whose runs were moved into this one."

    def dump(self) -> bytes:
        """As it lies in the folder."""
        return sealed({"format": FORMAT, **asdict(self)})


def read_receipt(path: Path) -> Receipt:
    """A receipt from its file; StoreError if it is damaged or newer than this program."""
    content = unsealed(path)
    version = content.pop("format", None)
    if not isinstance(version, int) or version > FORMAT:
        raise StoreError(f"{path}: written by a newer version (format {version}); update jjj to read it")
    try:
        part, rows = content.pop("part"), Rows(**content.pop("rows"))
        content |= {name: tuple(content[name]) for name in ("places", "metrics", "replaces")}
        receipt = Receipt(**content, rows=rows, part=Part(**part) if part else None)
    except (KeyError, TypeError) as error:
        raise StoreError(f"{path}: not a receipt ({error})") from error
    if receipt.id != path.stem:
        raise StoreError(f"{path}: damaged: it is the receipt of {receipt.id}")
    return receipt
