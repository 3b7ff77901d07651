"""A region's folder as checked text: bytes verified by ORIGIN.csv, tables read with line numbers.

A folder may come from anyone, so nothing in it is trusted: sizes are capped, names cannot leave the folder,
and everything wrong is collected and reported at once.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.region.nodes import Node, read_yaml
from sim.region.problems import KEY, Problems, as_number, decode

ORIGIN = "ORIGIN.csv"
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
GRADES = ("H", "M", "L", "assumption")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class DataFile:
    """One file of a region with where it is from and what it may be used for."""

    path: str
    sha256: str
    origin: str
    licence: str
    note: str


@dataclass(frozen=True)
class Row:
    """One line of a table; a getter that meets a bad value notes it and returns a harmless stand-in."""

    file: Path
    line: int
    cells: Mapping[str, str]
    problems: Problems

    def fault(self, column: str, message: str, allowed: Iterable[str] | str = "") -> None:
        self.problems.add(
            message,
            file=self.file,
            line=self.line,
            path=column,
            found=self.cells.get(column, ""),
            allowed=allowed,
        )

    def text(self, column: str) -> str:
        return self.cells[column]

    def filled(self, column: str) -> str:
        if not self.cells[column]:
            self.fault(column, "this cell must not be empty")
        return self.cells[column]

    def key(self, column: str) -> str:
        if not KEY.fullmatch(self.cells[column]):
            self.fault(column, "not a key", "a lower-case letter, then at most 39 letters, digits or _")
        return self.cells[column]

    def choice(self, column: str, allowed: Iterable[str], what: str) -> str:
        names = tuple(allowed)
        if self.cells[column] not in names:
            self.fault(column, f"unknown {what}", names)
        return self.cells[column]

    def number(self, column: str, low: float, high: float) -> float:
        value = as_number(self.cells[column])
        if not low <= value <= high:
            self.fault(column, "not a number in its range", f"a number from {low:g} to {high:g}")
            return low
        return value

    def whole(self, column: str, low: int, high: int) -> int:
        text = self.cells[column]
        if not re.fullmatch(r"\d{1,12}", text) or not low <= int(text) <= high:
            self.fault(column, "not a whole number in its range", f"a whole number from {low} to {high}")
            return low
        return int(text)

    def date(self, column: str) -> str | None:
        """The date as written, or None where the cell is empty."""
        text = self.cells[column]
        if text and not DATE.fullmatch(text):
            self.fault(column, "not a date", "YYYY, YYYY-MM or YYYY-MM-DD, or nothing")
        return text or None


@dataclass(frozen=True)
class Folder:
    """A verified folder: the bytes of each of its files, read once and matched to their recorded hash."""

    root: Path
    contents: Mapping[str, bytes]
    files: tuple[DataFile, ...]

    def path(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str) -> bool:
        return name in self.contents

    def table(self, name: str, columns: Iterable[str], problems: Problems) -> list[Row]:
        if name not in self.contents:
            problems.add("a region needs this file", file=self.path(name))
            return []
        return read_table(self.path(name), self.contents[name], columns, problems)

    def yaml(self, name: str, problems: Problems) -> Node:
        if name not in self.contents:
            problems.add("a region needs this file", file=self.path(name))
            problems.stop_if_any()
        return read_yaml(self.path(name), self.contents[name], problems)

    def polygons(self, name: str, problems: Problems) -> dict[str, list[list[list[tuple[float, float]]]]]:
        if name not in self.contents:
            problems.add("a region needs this file", file=self.path(name))
            return {}
        return read_polygons(self.path(name), self.contents[name], problems)


def open_folder(root: Path, problems: Problems) -> Folder:
    """Reads every file once and checks it against ORIGIN.csv; hidden files are skipped."""
    if not root.is_dir():
        problems.add("no such region folder", file=root)
        problems.stop_if_any()
    listing = root / ORIGIN
    if not listing.is_file():
        problems.add("a region folder needs ORIGIN.csv: origin, licence and sha256 of each file", file=listing)
        problems.stop_if_any()
    columns = ("path", "origin", "licence", "sha256", "note")
    rows = read_table(listing, read_bytes(listing, problems), columns, problems)
    contents: dict[str, bytes] = {}
    files = []
    present = {entry.name for entry in root.iterdir() if not entry.name.startswith(".")} - {ORIGIN}
    for row in rows:
        name = row.text("path")
        if name in contents:
            row.fault("path", "this file is listed twice")
            continue
        if name not in present:
            row.fault("path", "no such file in the folder", sorted(present))
            continue
        row.filled("origin")
        row.filled("licence")
        contents[name] = read_bytes(root / name, problems)
        digest = hashlib.sha256(contents[name]).hexdigest()
        if digest != row.text("sha256"):
            row.fault("sha256", f"{name} is not the file that was recorded here", f"its sha256 now, {digest}")
        files.append(DataFile(name, digest, row.text("origin"), row.text("licence"), row.text("note")))
    for name in sorted(present - contents.keys()):
        problems.add("this file is not listed in ORIGIN.csv with origin, licence and sha256", file=root / name)
    problems.stop_if_any()
    return Folder(root, contents, tuple(files))


def read_bytes(path: Path, problems: Problems) -> bytes:
    """The bytes of a plain file of modest size that really lies in its folder."""
    if not path.is_file() or path.resolve().parent != path.parent.resolve():
        problems.add("not a plain file of this folder", file=path)
        return b""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        problems.add("file too large", file=path, found=f"{size} bytes", allowed=f"at most {MAX_FILE_BYTES} bytes")
        return b""
    return path.read_bytes()


def read_table(path: Path, content: bytes, columns: Iterable[str], problems: Problems) -> list[Row]:
    """The rows of a CSV file that has at least these columns; more are allowed and kept as text."""
    rows: list[Row] = []
    text = decode(path, content, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        missing = [name for name in columns if name not in header]
        if missing or len(set(header)) != len(header):
            problems.add(
                "the header lacks " + ", ".join(missing) if missing else "the header names a column twice",
                file=path,
                line=1,
                found=",".join(header),
                allowed="the columns " + ", ".join(columns),
            )
            return []
        start = reader.line_num + 1
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(header):
                problems.add(
                    "wrong number of cells",
                    file=path,
                    line=line,
                    found=str(len(cells)),
                    allowed=str(len(header)),
                )
                continue
            if len(rows) >= MAX_ROWS:
                problems.add("too many rows", file=path, line=line, allowed=f"at most {MAX_ROWS}")
                break
            stripped = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            rows.append(Row(path, line, stripped, problems))
    except csv.Error as error:
        problems.add(f"not a CSV table: {error}", file=path, line=reader.line_num)
    return rows


def read_polygons(path: Path, content: bytes, problems: Problems) -> dict[str, list[list[list[tuple[float, float]]]]]:
    """GeoJSON polygons by `name_en`: for each name a list of polygons, each a list of rings of (lon, lat)."""
    text = decode(path, content, problems)
    if text is None:
        return {}
    found: dict[str, list[list[list[tuple[float, float]]]]] = {}
    try:
        for index, feature in enumerate(json.loads(text)["features"]):
            name = feature["properties"]["name_en"]
            geometry = feature["geometry"]
            polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
            if geometry["type"] not in ("Polygon", "MultiPolygon") or not isinstance(name, str):
                raise ValueError(f"feature {index} is not a named polygon")
            if name in found:
                raise ValueError(f"{name} occurs twice")
            found[name] = [[_ring(name, ring) for ring in polygon] for polygon in polygons]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        problems.add(f"not a collection of named GeoJSON polygons: {type(error).__name__} {error}", file=path)
    return found


def _ring(name: str, ring: Any) -> list[tuple[float, float]]:
    points = [(float(point[0]), float(point[1])) for point in ring]
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError(f"a ring of {name} is not closed")
    if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points):
        raise ValueError(f"a point of {name} is not a longitude and latitude")
    return points
