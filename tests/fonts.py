"""Renews the Chinese font of the pictures: `python -m tests.fonts NotoSansSC-Regular.ttf [NotoSansSC-Bold.ttf]`.

The source is Noto Sans SC (SIL Open Font License 1.1). What is kept are the letters of our own labels, of the shipped
regions and of the shipped experiments; the family is renamed, since it is no longer the original.
"""

from __future__ import annotations

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

from sim.figures import frame, style, words
from sim.scenario import library


def letters() -> set[str]:
    """Every Chinese letter and full-width sign that our pictures can show."""
    texts = [*words.PHRASES.values(), *(zh for _, zh in words.NAMES.values()), "年月至、；相对有何改变？"]
    texts += [word for _, word in frame.UNITS_ZH]
    files = [*library().glob("data/*/*.csv"), *library().glob("data/*/region.yaml")]
    files += [*library().glob("*.yaml"), *(library().parent / "experiments").glob("*.yaml")]
    texts += [file.read_text(encoding="utf-8") for file in files if file.name != "facts.csv"]
    return {letter for text in texts for letter in text if ord(letter) >= 0x2E80}


def main(sources: list[str]) -> None:
    for source, target in zip(sources, style.CHINESE_FACES, strict=False):
        font = TTFont(source)
        options = subset.Options(
            layout_features=[], name_IDs=[0, 1, 2, 4, 6, 13, 14], hinting=False, notdef_outline=True
        )
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(letter) for letter in letters()])
        cutter.subset(font)
        for record in font["name"].names:
            if record.nameID in (1, 4, 6):
                bold = " Bold" if "Bold" in target.name else ""
                name = {
                    1: style.CHINESE,
                    4: style.CHINESE + bold,
                    6: style.CHINESE.replace(" ", "") + bold.replace(" ", "-"),
                }
                record.string = name[record.nameID]
        font["head"].created = font["head"].modified = 0
        font.save(target, reorderTables=True)
        print(f"{target.name}: {len(letters())} letters, {target.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
