"""Are pictures of experiments whole in both languages; has every phrase its translation, every letter its glyph?"""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from pages import beyond_the_page
from pages import words as words_of

from sim import figures
from sim.build import region_of
from sim.experiments.design import Points
from sim.experiments.priors import between
from sim.experiments.store import described_metric, described_places, geography
from sim.figures import cities, difference_map, effects, frame, screening, sobol, style, sweep, words
from sim.metrics.recorder import metrics_of
from sim.results.arms import Answers
from sim.results.effects import NO_DIFFERENCE
from sim.results.geography import read_geography
from sim.results.sensitivity import screening as screened
from sim.results.sensitivity import sobol as indices
from sim.results.sweeps import Axis, Outcome, Sweep
from sim.scenario import load, region_folder
from tests.fonts import letters

MONTHS = tuple(f"{year}-{month:02d}" for year in range(2015, 2018) for month in range(1, 13))
GRADES = {"border.penalty": "L", "exchange.fit_width": "L", "research.births": "H", "platform.capacity": "assumption"}

pytestmark = pytest.mark.usefixtures("quick_and_strict")


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Invented answers about the invented region: three arms, of which the second does nothing in one zone."""
    region = region_of(region_folder(load("two_cities")))
    places = described_places(region)
    keys = [place["key"] for place in places]

    def read(metric: str, place: str) -> np.ndarray:
        at = keys.index(place)
        wave = np.sin(np.arange(8)[:, None] * 3.7 + np.arange(len(MONTHS)) + at)
        base = np.floor(20 + 3 * wave)
        more = [base, base + (at % 2) * (np.arange(len(MONTHS)) > 12), base - np.floor(2 + wave)]
        return np.array(more)[:, None] * (1e7 if metric.endswith("yuan") else 1)

    metrics = {m.name: described_metric(m) for m in metrics_of(region)}
    return Answers(
        name="made", title="Is it so?", title_zh="是否如此？", note="Invented.", arms=("baseline", "first", "second"),
        points=[{}], drawn=False, replicates=8, seed=1, months=MONTHS,
        metrics={name: metrics[name] for name in ("deals", "programmes_pledged_yuan", "ventures_alive", "absorption")},
        places=tuple(places), pictured=("LO",), windows={"late": ("2016-01", "2017-12")}, read=read,
        names_zh={"baseline": "基准", "first": "无平台", "second": "统一市场"}, origin="results/made",
        geography=read_geography(json.loads(json.dumps(geography(region)))),
    )  # fmt: skip


def of_priors(kind: str, size: int, **more: dict[str, str]) -> tuple[Points, np.ndarray, np.ndarray]:
    points = Points(kind, priors={path: between(0, 1) for path in GRADES}, size=size, **more)  # type: ignore[arg-type]
    shares = np.array([points.shares(k) for k in range(len(points))])
    noise = np.sin(np.arange(len(points) * 2) * 12.9898).reshape(-1, 2)
    return points, shares, 50 * shares @ np.array([[3.0], [1.0], [0.0], [2.0]]) + noise


def every_picture(answers: Answers) -> dict[str, Callable[[Path, str], Path]]:
    walk, where, moved = of_priors("morris", 8)
    blocks, _, values = of_priors("saltelli", 16)
    groups, _, grouped = of_priors("saltelli", 16, groups=GRADES)
    found = {m: screened(where, moved, walk.paths, GRADES) for m in ("deals", "absorption")}
    shares = {m: indices(values, blocks.moved, GRADES) for m in ("deals", "absorption")}
    whole = indices(grouped, groups.moved, {g: g for g in groups.moved})
    grid = Sweep(
        "Is it so?", (Axis("platform.capacity", (0, 200)), Axis("transport.rail", ("frozen", "actual"))),
        (Outcome("x", "count", np.arange(8.0).reshape(2, 2, 2), "deals", (("LO", "低城"),), ("2016-01", "2016-07")),),
        1, 2, "是否如此？", {"frozen": "冻结", "actual": "实际"}, "made",
    )  # fmt: skip
    line = replace(grid, axes=grid.axes[:1], outcomes=(replace(grid.outcomes[0], values=np.arange(4.0).reshape(2, 2)),))
    return {
        "effects": lambda path, lang: effects.draw(answers, path, language=lang),
        "cities": lambda path, lang: cities.draw(answers, path, "deals", lang),
        "map": lambda path, lang: difference_map.draw(answers, path, "deals", lang),
        "tornado": lambda path, lang: screening.draw(answers, found, path, lang),
        "sobol": lambda path, lang: sobol.draw(answers, shares, path, lang),
        "evidence": lambda path, lang: sobol.draw_evidence(answers, {"deals": {0.5: whole, 1.0: whole}}, path, lang),
        "heat": lambda path, lang: sweep.draw(grid, path, lang),
        "lines": lambda path, lang: sweep.draw(line, path, lang),
    }  # fmt: skip


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_picture_is_whole_in_both_languages(
    answers: Answers, tmp_path: Path, drawn: list[Figure], language: str
) -> None:
    for name, draw in every_picture(answers).items():
        draw(tmp_path / f"{name}.png", language)
        figure = drawn[-1]
        said = words_of(figure)
        assert language == "en" or any(ord(letter) >= frame.FIRST_WIDE for letter in said), name
        assert style.MISSING not in said, (name, said)
        assert not beyond_the_page(figure), name


def test_an_unresolved_effect_is_hollow_and_what_never_differs_is_said(
    answers: Answers, tmp_path: Path, drawn: list[Figure]
) -> None:
    same = replace(answers, read=lambda metric, place: np.ones((3, 1, 8, len(MONTHS))))
    effects.draw(same, tmp_path / "same.png", ["deals"])
    assert "exactly 0 in every pair" in words_of(drawn[-1])
    signs = np.where(np.arange(8) % 2, 1.0, -1.0)[None, None, :, None] * np.array([0, 1, 1])[:, None, None, None]
    wavering = replace(answers, read=lambda metric, place: np.broadcast_to(signs, (3, 1, 8, len(MONTHS))))
    effects.draw(wavering, tmp_path / "wavering.png", ["deals"])
    dots = [line for line in drawn[-1].axes[1].lines if line.get_marker() == "o"]
    assert len(dots) == 2 and all(line.get_markerfacecolor() == "white" for line in dots)


def test_runs_that_failed_are_counted(answers: Answers, tmp_path: Path, drawn: list[Figure]) -> None:
    """One of the arm that all are held against costs a pair of every other arm, but is one run."""
    values = np.ones((3, 1, 8, len(MONTHS)))
    values[0, 0, 2] = values[1, 0, 5] = np.nan
    effects.draw(replace(answers, read=lambda metric, place: values), tmp_path / "failed.png", ["deals"])
    assert "Runs that failed: 2;" in words_of(drawn[-1]).replace("\n", " ")


def texts_in(node: ast.AST) -> set[str]:
    """The texts that a piece of source holds."""
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_phrase_is_said_and_translated_and_keeps_its_places() -> None:
    said, written = set(), {NO_DIFFERENCE, *words.GRADES.values()}
    for file in Path(figures.__file__).parent.glob("*.py"):
        source = ast.parse(file.read_text(encoding="utf-8"))
        written |= texts_in(source) if file.name != "words.py" else set()
        for node in ast.walk(source):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
                said |= texts_in(node.args[0])
    said -= {"sum"}
    assert len(said) > 30
    assert not set(words.PHRASES) - written, set(words.PHRASES) - written
    assert not said - set(words.PHRASES), said - set(words.PHRASES)
    for english, chinese in words.PHRASES.items():
        fields = [sorted(f for _, f, _, _ in string.Formatter().parse(t) if f) for t in (english, chinese)]
        assert fields[0] == fields[1], english
    assert not set(words.PARAMETERS) & set(words.METRICS)


def test_all_metrics_have_names_in_words_and_what_has_one_exists() -> None:
    """But for those of a region's fields, which are named after these."""
    scenario = load("two_cities")
    metrics = {metric.name for metric in metrics_of(region_of(region_folder(scenario)))}
    assert {name for name in metrics ^ set(words.METRICS) if not name.startswith("deals_brokered_")} == set()
    for path in set(words.PARAMETERS) - {"arm"}:  # what an experiment calls the axis of its arms
        attrgetter(path)(scenario.document)


@pytest.mark.parametrize("face", style.CHINESE_FACES, ids=lambda face: face.stem)
def test_no_letter_of_ours_lacks_its_glyph(face: Path) -> None:
    missing = letters() - {chr(code) for code in TTFont(face).getBestCmap()}
    assert not missing, f"renew the font (tests/fonts.py): {''.join(sorted(missing))}"
    assert (face.parent / "OFL.txt").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE") == 1


def test_lines_break_at_blanks_and_between_chinese_letters() -> None:
    probe = style.canvas(100, 20)
    with style.styled("zh"):
        lines = frame.wrapped(probe, "色带与横线为均值的区间，用于重复。" * 4, 60, 3, fontsize=6.5).split("\n")
        assert 1 < len(lines) <= 3
        assert all(line[0] not in frame.CLOSING for line in lines)
    assert frame.wrapped(probe, "one two three", 200) == "one two three"
    for width in range(10, 40):
        assert "\n%" not in frame.wrapped(probe, "an interval of 90 % of it", width, 9)


def test_months_and_amounts_are_worded_as_the_language_has_them() -> None:
    with words.speaking("zh"):
        assert words.window("2016-01", "2016-07") == "2016年1月至7月"
        assert words.window("2016-01", "2017-12") == "2016至2017年"
        assert frame.scaled(3e8, "yuan") == (1e8, "亿元")
        assert words.metric("deals") == "成果转化交易"
    assert words.window("2016-01", "2016-07") == "Jan to Jul 2016"
    assert frame.scaled(3e9, "yuan") == (1e9, "bn yuan")
    assert words.metric("something_else") == "something else"
