"""Renews the lists at the end of sim/MODEL.md from the declarations: `python -m tests.manual`."""

from __future__ import annotations

from sim.manual import TEXT, model_text, renewed


def main() -> None:
    TEXT.write_text(renewed(model_text()), encoding="utf-8")
    print(f"{TEXT.name}: {len(model_text().splitlines())} lines")


if __name__ == "__main__":
    main()
