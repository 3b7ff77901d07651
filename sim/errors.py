"""What can go wrong, as types with fields, and the one function that words them.

Code raises these and never prints: only the command line prints and exits, so that the same failure can be
shown in a terminal, in a notebook or in a report, with all that a reader needs to mend it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "a bug of ours",
    2: "bad command, scenario or data file",
    3: "finished, but some runs failed",
    4: "too much for this machine: refused, or its process was killed",
    5: "results locked, damaged or of a newer format",
    6: "an identity of the model was broken, or a number was not finite",
    7: "output could not be written",
    130: "interrupted",
    143: "ended by SIGTERM",
}

LONGEST_SHOWN = 120
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with one place of an input; empty fields are left out of its wording."""

    message: str
    "What is wrong, without the final full stop."
    file: str = ""
    "Path as the user gave it, or the label of a place without lines, such as `--set a.b`."
    line: int = 0
    "Counted from 1; 0 where a place has no lines."
    column: int = 0
    "Counted from 1; 0 where unknown."
    path: str = ""
    "Dotted path inside the document, or the column of a table."
    found: str = ""
    allowed: str = ""
    "What would have been accepted, in words."
    nearest: str = ""
    "The accepted name closest to what was found."

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and terminals make clickable."""
        numbers = f":{self.line}" + (f":{self.column}" if self.column else "") if self.line else ""
        return clean(self.file) + numbers

    @property
    def order(self) -> tuple[str, int, int, str]:
        return (self.file, self.line, self.column, self.path)

    def __str__(self) -> str:
        place, path = self.place, clean(self.path)
        where = place if place.endswith(f" {path}") else "  ".join(part for part in (place, path) if part)
        head = f"{where}: {self.message}." if where else f"{self.message}."
        remedy = [
            f"Found: {clean(self.found)}." if self.found else "",
            f"Allowed: {self.allowed}." if self.allowed else "",
            f'Did you mean "{clean(self.nearest)}"?' if self.nearest else "",
        ]
        second = "  ".join(part for part in remedy if part)
        return f"{head}\n  {second}" if second else head


class JJJError(Exception):
    """Anything that ends a command in an orderly way; a subclass says with which exit code."""

    exit_code = 1

    def __init__(self, message: str = "", *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InputError(JJJError):
    """A command, scenario or data file that cannot be accepted, with every finding at once."""

    exit_code = 2

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        listed = [findings] if isinstance(findings, Finding) else list(findings)
        self.findings: Sequence[Finding] = tuple(sorted(listed, key=lambda finding: finding.order))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class RefusedError(JJJError):
    """A legal request that this machine cannot fulfil; raised before anything is allocated."""

    exit_code = 4


class StoreError(JJJError):
    """A results folder that is locked, damaged or written by a newer version."""

    exit_code = 5


class InvariantError(JJJError):
    """An identity of the model that does not hold, or a number that is not finite: where, when, and who."""

    exit_code = 6

    def __init__(
        self,
        message: str = "",
        *,
        remedy: str = "",
        month: str = "",
        process: str = "",
        column: str = "",
        ids: Sequence[int] = (),
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.month, self.process, self.column, self.ids = month, process, column, tuple(ids)
        self.seed, self.replicate = -1, -1  # set by who runs it

    def __str__(self) -> str:
        """One line: month, process, column, what is wrong, up to five identities."""
        where = " ".join(part for part in (self.month, self.process and f"after `{self.process}`") if part)
        what = f"{self.column}: {self.message}" if self.column else self.message
        who = f" (uid {', '.join(map(str, self.ids))})" if self.ids else ""
        return (f"{where}: " if where else "") + what + who


class OutputError(JJJError):
    """A place that cannot be written: read-only, full, or not ours."""

    exit_code = 7


class PartialError(JJJError):
    """A sweep that is finished, but for runs that failed."""

    exit_code = 3


class StoppedError(JJJError):
    """A command that was interrupted; what it had done is kept."""

    def __init__(self, message: str, *, remedy: str = "", exit_code: int = 130) -> None:
        super().__init__(message, remedy=remedy)
        self.exit_code = exit_code


def clean(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Foreign text made safe to print: control and direction characters escaped, long text clipped."""
    clipped = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(
        letter if unicodedata.category(letter)[0] != "C" else letter.encode("unicode_escape").decode()
        for letter in clipped
    )


def word(error: JJJError) -> str:
    """The text for a reader: place, value, rule and remedy of each finding."""
    if isinstance(error, InputError):
        shown = [str(finding) for finding in error.findings[:MOST_SHOWN]]
        hidden = len(error.findings) - len(shown)
        return "\n".join([*shown, f"... and {hidden} more."] if hidden else shown)
    return "\n".join(part for part in (str(error), error.remedy) if part)
