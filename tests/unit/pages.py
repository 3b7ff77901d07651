"""What a reader of a drawn page sees: its words, and what was cut off."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text


def texts(figure: Figure) -> list[Text]:
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts(figure))


def beyond_the_page(figure: Figure) -> list[str]:
    """What reaches over the edge of the paper: anything drawn in axes, or text of the page itself."""
    page = figure.bbox.padded(0.5)
    inside = figure.dpi_scale_trans.transform_bbox(figure.get_tightbbox())
    boxes = {"axes": inside} | {text.get_text(): text.get_window_extent() for text in figure.texts}
    return [what for what, box in boxes.items() if not (page.contains(*box.min) and page.contains(*box.max))]
