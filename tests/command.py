"""The command, run in this process."""

from __future__ import annotations

import pytest

from sim.cli import main


def jjj(*arguments: str) -> int:
    """The exit code of `jjj` with these arguments."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code
