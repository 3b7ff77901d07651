"""What is wrong with a region's files, collected with file and line, and what its readers share."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sim.errors import Finding, InputError

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass
class Problems:
    """Collects findings, so that a reader mends a folder in one go."""

    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        message: str,
        *,
        file: Path,
        line: int = 0,
        path: str = "",
        found: str = "",
        allowed: Iterable[str] | str = "",
    ) -> None:
        names = () if isinstance(allowed, str) else tuple(allowed)
        nearest = difflib.get_close_matches(found, names, n=1) if names else []
        self.findings.append(
            Finding(
                message=message,
                file=str(file),
                line=line,
                path=path,
                found=found,
                allowed=allowed if isinstance(allowed, str) else ", ".join(names),
                nearest=nearest[0] if nearest else "",
            )
        )

    def stop_if_any(self) -> None:
        if self.findings:
            raise InputError(self.findings)


def as_number(text: str) -> float:
    """A finite decimal number, or NaN where the text is none; `1_000`, `inf` and blanks are none."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text):
        return math.nan
    value = float(text)
    return value if math.isfinite(value) else math.nan


def decode(path: Path, content: bytes, problems: Problems) -> str | None:
    """The text of a file, or None, noted, where it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.add("not UTF-8", file=path, line=line, found=f"byte {content[error.start]:#04x}")
        return None
    if "\0" in text:
        problems.add("a NUL character", file=path, line=text[: text.index("\0")].count("\n") + 1)
        return None
    return text
