"""Settings of tests that look at pictures; Matplotlib is imported only where they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def quick_and_strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Coarse pictures, and any warning an error, as a glyph that is missing would be."""
    monkeypatch.setattr("sim.figures.style.DPI", 60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are saved while the test runs."""
    from sim.figures import style

    figures: list[Any] = []
    save = style.save

    def keep(figure: Any, out: Path) -> Path:
        figures.append(figure)
        return save(figure, out)

    monkeypatch.setattr(style, "save", keep)
    return figures
