"""Are figures whole, legible, the same bytes whenever drawn, and honest about what a run does not have?"""

from __future__ import annotations

import json
import struct
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from imports import loaded_by
from made_results import DATA, Whole, make, nothing, target, waves
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from pages import beyond_the_page, texts, words

from sim.errors import InputError, OutputError
from sim.figures import FIGURES, comparison, draw_all, drawers, frame, style, sweep
from sim.region import load_region
from sim.results import Result
from sim.results.effects import NO_DIFFERENCE, pair
from sim.results.sweeps import Axis, Outcome, Sweep

pytestmark = pytest.mark.usefixtures("quick_and_strict")

FITTED = target(id="a", title="Deals", note="the article says more than 30")
EMERGENT = target(
    id="b", title="Share of the harbour", measure="share", places=("harbour",), over="LO", value=0.5, unit="share",
    rule="shown", kind="emergent",
)  # fmt: skip
ORDER = target(
    id="c", title="Order", measure="order", places=("lowton+harbour", "upton_core"), unit="rank correlation",
    rule="shown", kind="emergent",
)  # fmt: skip
FIELDS = target(
    id="d", title="Fields", metric="deals_brokered_*", measure="present", value=2, rule="share_of_replicates",
    start="2013-02", end="2013-11",
)  # fmt: skip
TARGETS = (FITTED, FIELDS, EMERGENT, ORDER)
HOSTILE = (r"$\frac{", "$x^2$", r"\textbf{a}", "%s {0} {name}", "א\u202eב مرحبا", "\x00\x1b[31m", "😀" * 5, "W" * 5000)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return make(tmp_path_factory.mktemp("made"), targets=TARGETS, replicates=range(4), end="2015-06")


def chunks(png: bytes) -> set[str]:
    """Names of the chunks of a PNG file."""
    found, at = set(), 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.add(png[at + 4 : at + 8].decode())
        at += 12 + length
    return found


# ---- the same bytes, a clean page


@pytest.mark.parametrize(
    ("name", "suffix"), [*((name, ".png") for name in FIGURES), ("region_map", ".svg"), ("article", ".pdf")]
)
def test_drawing_twice_gives_the_same_bytes(made: Result, tmp_path: Path, name: str, suffix: str) -> None:
    first = FIGURES[name](made, tmp_path / f"first{suffix}").read_bytes()
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.hashsalt": "other"}):
        second = FIGURES[name](made, tmp_path / "below" / f"second{suffix}").read_bytes()
    assert first == second
    if suffix == ".png":
        assert chunks(first) <= {"IHDR", "pHYs", "IDAT", "IEND"}


def test_other_processes_draw_the_same_bytes(made: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # they draw as finely as ever
    with drawers(2) as pool:
        beside = draw_all(made, tmp_path / "beside", pool=pool)
    alone = draw_all(made, tmp_path / "alone")
    assert [path.read_bytes() for path in beside] == [path.read_bytes() for path in alone]


def test_pages_hold_all_their_text_and_say_where_they_come_from(
    made: Result, tmp_path: Path, drawn: list[Figure]
) -> None:
    draw_all(made, tmp_path)
    for figure in drawn:
        assert not beyond_the_page(figure)
        shown = words(figure)
        for part in ("Scenario made", "4 replicates", "seed 1", made.manifest["key"], "jjj plot results/made/"):
            assert part in shown
        assert "Simulated, not observed" in shown


def test_text_is_cut_or_broken_to_a_width() -> None:
    figure = style.canvas()
    long = "one two three four five six seven eight nine ten"
    cut = frame.shortened(figure, long, 20, fontsize=7)
    assert cut.endswith("…") and long.startswith(cut[:-1])
    assert frame.shortened(figure, long, 200, fontsize=7) == long
    lines = frame.wrapped(figure, long, 25, 3, fontsize=7).split("\n")
    assert len(lines) == 3
    assert " ".join(lines).rstrip("…") in long
    assert frame.wrapped(figure, long, 200, 3, fontsize=7) == long
    assert frame.wrapped(figure, "W" * 300, 25, 3, fontsize=7).count("\n") == 0
    assert frame.wrapped(figure, "", 25, fontsize=7) == ""
    for line in lines:
        assert figure.text(0, 0, line, fontsize=7).get_window_extent().width / figure.dpi * 25.4 <= 25


def test_only_known_formats_are_written(made: Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.png"):
        FIGURES["article"](made, tmp_path / "picture.xyz")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        FIGURES["article"](made, tmp_path / "file" / "picture.png")


def test_callers_style_is_left_alone() -> None:
    before = dict(mpl.rcParams)
    with style.styled():
        assert mpl.rcParams["text.parse_math"] is False
    assert dict(mpl.rcParams) == before


def test_figures_import_no_model_code() -> None:
    model = (f"sim.{name}" for name in ("region", "world", "experiments", "scenario", "core"))
    code = "import sim.figures, sim.figures.comparison, sim.figures.sweep"
    assert not loaded_by(code, *model, "mesa", "numba", "pydantic")


# ---- what they show


def test_labels_of_the_real_map_do_not_overlap(tmp_path: Path, drawn: list[Figure]) -> None:
    region = load_region(DATA / "jjj")
    full = make(tmp_path, region=region, end="2013-02", replicates=(0,))
    FIGURES["region_map"](full, tmp_path / "map.png")
    axes = drawn[0].axes[0]
    names = {*region.zones.name_en, *(centre[0] for centre in region.centres)}
    labels = [t for t in axes.findobj(Text) if any(t.get_text().startswith(name) for name in names)]
    assert len(labels) >= 15
    for at, one in enumerate(labels):
        for other in labels[at + 1 :]:
            apart = not one.get_window_extent().overlaps(other.get_window_extent())
            assert apart, (one.get_text(), other.get_text())


def test_fitted_and_emergent_figures_are_told_apart(made: Result, tmp_path: Path, drawn: list[Figure]) -> None:
    FIGURES["article"](made, tmp_path / "article.png")
    shown = words(drawn[0])
    assert shown.count("fitted: a level is solved from it") == 1
    assert shown.count("checked when levels were set") == 1
    assert shown.count("not fitted: emerges from the model") == 2
    assert "the article says more than 30" in shown
    assert len({ground.get_facecolor() for ground in drawn[0].findobj(Rectangle) if ground.get_zorder() < 0}) == 2
    for one, other in combinations(drawn[0].texts, 2):
        assert not one.get_window_extent().overlaps(other.get_window_extent()), (one.get_text(), other.get_text())


def test_flows_and_bands_are_those_of_the_tables(made: Result, tmp_path: Path, drawn: list[Figure]) -> None:
    FIGURES["flows"](made, tmp_path / "flows.png")
    zones = ["lowton", "harbour"]
    sent = made.arrivals(["deals"], "count", zones, ["upton_core", "upton_outer"])
    start, end = 0, made.month("2013-12")
    mean = sorted(sent[:, start : end + 1].sum(axis=1).mean(axis=0))
    bars = next(axes for axes in drawn[0].axes if axes.get_title(loc="left") == "2013")
    assert sorted(bar.get_width() for bar in bars.patches) == pytest.approx(mean)


def test_series_show_the_median_and_the_band(made: Result, tmp_path: Path, drawn: list[Figure]) -> None:
    FIGURES["time_series"](made, tmp_path / "series.png")
    axes = drawn[0].axes[0]
    assert axes.get_title(loc="left") == "Branches alive"
    median = np.median(made.series("branches_alive")[:, :, made.at("UP")], axis=0)
    assert any(np.array_equal(np.asarray(line.get_ydata(), float), median) for line in axes.lines)


# ---- runs that lack something


@pytest.mark.parametrize(
    ("options", "said", "names"),
    [
        ({"end": "2013-01", "replicates": (0,)}, "not covered by this run", list(FIGURES)),
        ({"fill": nothing}, "none in this run", list(FIGURES)),
        ({"end": "2013-06"}, "under 12 months", ["time_series"]),
        ({"scale": 0.1}, "not judged at scale 0.1", ["article"]),
        ({"targets": ()}, "no published figures", ["article"]),
        ({"replicates": (0,)}, "One replicate, so no bands", ["flows"]),
    ],
)
def test_what_a_run_lacks_is_said(
    tmp_path: Path, drawn: list[Figure], options: dict[str, Any], said: str, names: list[str]
) -> None:
    result = make(tmp_path, **({"targets": TARGETS} | options))
    for name in names:
        FIGURES[name](result, tmp_path / f"{name}.png")
    assert said in "\n".join(words(figure) for figure in drawn)


def test_a_metric_that_a_result_lacks_leaves_a_word(made: Result, tmp_path: Path, drawn: list[Figure]) -> None:
    metrics = [m for m in made.manifest["metrics"] if m["name"] != "ventures_alive"]
    older = Result(made.folder, made.manifest | {"metrics": metrics})
    FIGURES["time_series"](older, tmp_path / "series.png")
    assert "not in this result: ventures_alive" in words(drawn[0])


# ---- foreign text


def test_foreign_text_is_drawn_literally(tmp_path: Path, drawn: list[Figure]) -> None:
    """Hostile words for every name there is; each place takes the next of them."""
    targets = [target(id=f"t{n}", title=text, note=text) for n, text in enumerate(HOSTILE)]
    made = make(tmp_path, targets=targets, end="2013-12", replicates=(0,))
    places = [p | {"name_en": HOSTILE[n % len(HOSTILE)]} for n, p in enumerate(made.manifest["places"])]
    foreign = Result(made.folder, made.manifest | {"title": HOSTILE[0], "name": HOSTILE[-1], "places": places})
    assert len(draw_all(foreign, tmp_path / "pictures")) == len(FIGURES)
    comparison.draw(pair(foreign, foreign), tmp_path / "pictures" / "same.png")
    assert len(drawn) == len(FIGURES) + 1
    for figure in drawn:
        shown = texts(figure)
        assert not any(label.get_parse_math() or label.get_usetex() for label in shown)
        assert all(line.isprintable() for label in shown for line in label.get_text().split("\n"))
        assert not beyond_the_page(figure)


def test_dollars_stay_dollars() -> None:
    assert style.literal(r"$\frac{1}{2}$ & co.") == r"$\frac{1}{2}$ & co."
    assert style.literal("abc", 2) == "a…"
    assert style.literal("a\nb\u202e") == "a\\nb\\u202e"
    assert style.literal("😀") in ("😀", style.MISSING)


# ---- comparisons and sweeps


def test_a_comparison_shows_what_differs_and_names_what_does_not(
    made: Result, tmp_path: Path, drawn: list[Figure]
) -> None:
    def more(metric: str, replicate: int, shape: Whole) -> Whole:
        late = (shape[0] > 5) & (metric == "deals")
        return waves(metric, replicate, shape) + late * (replicate + 1)

    other = make(tmp_path, fill=more, targets=TARGETS, replicates=range(4), end="2015-06", key="f" * 24)
    out = comparison.draw(pair(made, other), tmp_path / "comparison.png")
    again = comparison.draw(pair(made, other), tmp_path / "again.png")
    assert out.read_bytes() == again.read_bytes()
    shown = words(drawn[0])
    assert "Achievement deals, since the start" in shown
    assert "Exactly the same in every replicate: branches opened" in shown
    assert "First difference of any metric in Jul 2013" in shown
    comparison.draw(pair(made, made), tmp_path / "same.png")
    assert NO_DIFFERENCE in words(drawn[-1])


def grid(values: Any, *axes: Axis) -> Sweep:
    return Sweep("made", axes, (Outcome("Deals", "count", np.asarray(values, float)),), 1, 3, "redraw with: jjj sweep")


def test_a_sweep_is_lines_or_a_heat_map(tmp_path: Path, drawn: list[Figure]) -> None:
    strength = Axis("platform.capacity", (0.5, 1.0, 4.0))
    name = Axis("calendar", ("realised", r"$\frac{"))
    line = sweep.draw(grid([[1, 2, 3], [2, 3, 4], [9, 8, 7]], strength), tmp_path / "line.png")
    assert (
        line.read_bytes()
        == sweep.draw(grid([[1, 2, 3], [2, 3, 4], [9, 8, 7]], strength), tmp_path / "l2.png").read_bytes()
    )
    assert drawn[0].axes[0].lines[0].get_ydata() == pytest.approx([2, 3, 8])
    assert drawn[0].axes[0].lines[0].get_xdata() == pytest.approx([0.5, 1, 4])
    failed = np.ones((3, 2, 3))
    failed[1, 1] = np.nan
    sweep.draw(grid(failed, strength, name), tmp_path / "heat.png")
    assert "failed" in words(drawn[-1])
    sweep.draw(grid(np.full((2, 3), np.nan), name), tmp_path / "none.png")
    assert "no run gave a value" in words(drawn[-1])
    sweep.draw(grid([[1], [2]], name), tmp_path / "one.png")


def test_a_sweep_over_three_axes_is_refused(tmp_path: Path) -> None:
    axis = Axis("scale", (1,))
    with pytest.raises(InputError, match="one or two axes"):
        sweep.draw(grid(np.ones((1, 1, 1, 2)), axis, axis, axis), tmp_path / "no.png")


def test_months_and_amounts_on_axes() -> None:
    figure = style.canvas()
    axes = figure.subplots()
    frame.month_axis(axes, [f"{y}-{m:02d}" for y in range(2013, 2031) for m in range(1, 13)])
    assert [label.get_text() for label in axes.get_xticklabels()][:2] == ["2013", "2016"]
    frame.month_axis(axes, ["2013-05", "2013-06"])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2013-05", "2013-06"]
    assert frame.scaled(3.2e10, "yuan") == (1e9, "bn yuan")
    assert frame.scaled(0.4, "share") == (0.01, "%")
    assert [frame.number(value) for value in (12345.0, -0.5, 5e-07)] == ["12,345", "−0.5", "5 × 10⁻⁷"]
    assert [frame.nice(value) for value in (0.3, 1, 7, 99, 0)] == pytest.approx([0.2, 1, 5, 50, 1])


def test_the_list_of_figures_is_one_file_each() -> None:
    folder = Path(style.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in FIGURES)
    assert json.dumps(list(FIGURES)) == '["region_map", "time_series", "flows", "article"]'
