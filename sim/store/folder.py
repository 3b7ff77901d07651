"""The folder of a store: opened, read, added to under a lock, tidied, and checked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import OutputError, StoreError
from sim.store.locking import locked
from sim.store.parts import verified, verify
from sim.store.publishing import check_writable, replace_file, worded
from sim.store.receipts import FORMAT, Receipt, read_receipt
from sim.store.sealing import sealed, unsealed

OURS = re.compile("[0-9a-f]{24}")
"Names of parts; a file of another name was put there by somebody else."
UNFINISHED = re.compile(r"\.(old-)?[a-z0-9_.]+-[a-z0-9_]{8}")
"Names while a file or folder is being written."
FOLDERS = ("plans", "regions", "parts", "receipts")


@dataclass(frozen=True)
class Store:
    """A folder that holds runs."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Store:
        """A store that is there; StoreError if there is none, or one of a newer format."""
        try:
            head = unsealed(folder / "store.json")
        except StoreError as error:
            error.remedy = (
                "  If the store was written by this version, delete this file: the next sweep writes it again."
            )
            raise
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(
                f"{folder}: no store here (there is no store.json)",
                remedy="  `jjj sweep` prints the folder of its store.",
            ) from None
        version = head.get("format")
        if not isinstance(version, int) or version > FORMAT:
            raise StoreError(f"{folder}: written by a newer version (format {version}); update jjj to read it")
        return cls(folder)

    @classmethod
    def create(cls, folder: Path, made_by: dict[str, str]) -> Store:
        """The store of a folder, begun if there is none; OutputError if it cannot be written."""
        check_writable(folder)
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        if not (folder / "store.json").exists():
            replace_file(folder / "store.json", sealed({"format": FORMAT, "made_by": made_by}))
        return cls.open(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else adds runs meanwhile, and what an earlier command left half-done is gone."""
        with locked(self.folder):
            self._tidy()
            yield

    def part(self, identity: str) -> Path:
        """Where a part lies."""
        return self.folder / "parts" / f"{identity}.parquet"

    def receipt(self, identity: str) -> Path:
        """Where a receipt lies."""
        return self.folder / "receipts" / f"{identity}.json"

    def commit(self, receipt: Receipt) -> None:
        """Make runs count; what was written is read back before."""
        if receipt.part is not None:
            verified(self.part(receipt.id), receipt.part)
        replace_file(self.receipt(receipt.id), receipt.dump())

    def receipts(self, problems: list[str]) -> Iterator[Receipt]:
        """One receipt after the other; damaged ones are told in `problems` and left out.

        Where others write meanwhile, runs may be met twice, as they move into a larger part, but none is missed.
        """
        seen: set[str] = set()
        while new := [p for p in sorted((self.folder / "receipts").glob("[!.]*.json")) if p.name not in seen]:
            for path in new:
                seen.add(path.name)
                try:
                    yield read_receipt(path)
                except FileNotFoundError:
                    continue  # moved into a larger part, whose receipt came before: the next look finds it
                except StoreError as error:
                    problems.append(error.message)

    def whole(self, receipt: Receipt) -> str:
        """Why the part of a receipt cannot be trusted; empty if it can."""
        if receipt.part is None:
            return ""
        try:
            verify(self.part(receipt.id), receipt.part)
        except StoreError as error:
            return error.message
        return ""

    def trusted(self, problems: list[str]) -> Iterator[Receipt]:
        """Receipts whose parts are whole; what is wrong with the others is told in `problems`."""
        for receipt in self.receipts(problems):
            if why := self.whole(receipt):
                problems.append(why)
            else:
                yield receipt

    def half_written(self) -> list[Path]:
        """Files and folders that a command was writing when it was killed: they never got their final names."""
        folders = (".", "plans", "regions/*", "parts", "receipts")
        found = [path for folder in folders for path in self.folder.glob(f"{folder}/.*")]
        return sorted(path for path in found if UNFINISHED.fullmatch(path.name))

    def _tidy(self) -> None:
        """Remove what was never acknowledged, and what was moved into larger parts."""
        moved = {old for receipt in self.trusted([]) for old in receipt.replaces}
        standing = {path.stem for path in (self.folder / "receipts").glob("[!.]*.json")} - moved
        try:
            for old in moved:
                self.receipt(old).unlink(missing_ok=True)
            for path in (self.folder / "parts").glob("*.parquet"):
                if OURS.fullmatch(path.stem) and path.stem not in standing:
                    path.unlink(missing_ok=True)
            for path in self.half_written():
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(worded(self.folder, error)) from error
