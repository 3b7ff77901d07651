"""Renews the pictures of the README, in minutes: `python -m tests.gallery`. Two scenarios, and one experiment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

GALLERY = Path(__file__).parent.parent / "results" / "gallery"
WIDTH = 1200


def jjj(*arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-m", "sim", *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()


def keep(picture: Path, name: str) -> None:
    """A small copy: fewer pixels, 256 colours."""
    image = Image.open(picture).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.quantize(256, dither=Image.Dither.NONE).save(GALLERY / f"{name}.png", optimize=True)


def main() -> None:
    GALLERY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(jjj("run", "baseline", "--replicates", "20", "--out", folder)[-1])
        jjj("money", str(result))
        jjj("patterns", str(result))
        for picture in sorted((result / "figures").glob("*.png")):
            keep(picture, "money" if picture.stem.startswith("money") else picture.stem)
        keep(Path(jjj("compare", "baseline", "no_platform", "--replicates", "20", "--out", folder)[-1]), "comparison")
        policies = Path(jjj("sweep", "experiments/policies.yaml", "--out", folder)[-1])
        keep(policies / "figures" / "effects.png", "policies")
    for picture in sorted(GALLERY.glob("*.png")):
        print(f"{picture.name}: {picture.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
