"""Does what one needs to know find room on the line, whatever the terminal, and does a log stay short?"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from sim.commands import progress
from sim.commands.progress import counting, fitted, progress_of
from sim.experiments.sweep import Tally

TALLY = Tally(Path("store"), total=1200, kept=200, done=300, failed=2, seconds=60.0, memory_mb=250)
WHOLE = "around: 502 of 1,200 runs, 200 kept, 5 a second, 2 min left, 2 failed, 250 MB a process"


@pytest.mark.parametrize(
    ("room", "told"),
    [
        (200, WHOLE),
        (len(WHOLE), WHOLE),
        (len(WHOLE) - 1, WHOLE.removeprefix("around: ")),
        (77, "502 of 1,200 runs, 5 a second, 2 min left, 2 failed, 250 MB a process"),
        (37, "502 of 1,200 runs, 2 min left"),
        (20, "502 of 1,200 runs"),
        (5, "502 o"),
    ],
)
def test_what_matters_most_is_told_where_there_is_little_room(room: int, told: str) -> None:
    assert fitted("around", progress._parts(TALLY), room) == told


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with counting("many") as tell:
        for done in range(1, 101):
            tell(done, 100)
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"many: 1 of 100 done, 0 s, \d+ s left", first)
    assert re.fullmatch(r"many: 100 of 100 done, 0 s", last)
    with progress_of("around") as show:
        show(TALLY)
    assert capsys.readouterr().err.startswith("around: 502 of 1,200 runs, 200 kept, 5 a second")
