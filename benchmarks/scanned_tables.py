"""How exactly scanned tables are read: python -m benchmarks.scanned_tables [--tables N] [--skew DEGREES] [--show N].

The generated tables of `benchmarks.generated`, drawn at 200 dpi as a scanner would see them (turned by up to so many degrees,
a little blur and noise, JPEG of quality 75), are read from their pixels alone. Every cell of every row is compared with what
the form says, and beside it what is read of the same PDF file directly.
"""

from __future__ import annotations

import argparse
import io
import time
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.generated import COLUMNS, RENDERERS, Form, lay_out, make_form
from benchmarks.generated_tables import Count, add
from extractor import readers

DPI, QUALITY, NOISE, BLUR, INK = 200, 75, 5.0, 0.6, 40


def scanned(content: bytes, *, seed: int, skew: float) -> bytes:
    """A PDF file whose pages are pictures of the pages of another, each turned by up to ``skew`` degrees."""
    import pypdfium2

    random, noise = Random(seed), np.random.default_rng(seed)
    pdf = pypdfium2.PdfDocument(content)
    pages = [_page(page.render(scale=DPI / 72).to_pil(), random.uniform(-skew, skew), noise) for page in pdf]
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, quality=QUALITY)
    return stream.getvalue()


def _page(image: Image.Image, degrees: float, noise: Any) -> Image.Image:
    turned = image.convert("L").rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    grey = np.asarray(turned.filter(ImageFilter.GaussianBlur(BLUR)), np.float32)
    grey = INK + grey * (250 - INK) / 255 + noise.normal(0, NOISE, grey.shape)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def measure(forms: list[Form], skew: float) -> tuple[Count, Count]:
    """Counts of the scans, and of the files they were drawn from."""
    scans, files = Count(), Count()
    for form in forms:
        content = RENDERERS[".pdf"](lay_out(form))
        add(files, form, readers.read_bytes(content, name=f"{form.seed}.pdf"))
        add(scans, form, readers.read_bytes(scanned(content, seed=form.seed, skew=skew), name=f"{form.seed}-scan.pdf"))
    return scans, files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--skew", type=float, default=2.0)
    parser.add_argument("--show", type=int, default=0, help="how many misses to show")
    options = parser.parse_args()
    start = time.perf_counter()
    counts = measure([make_form(seed) for seed in range(options.first, options.first + options.tables)], options.skew)
    for name, count in zip(("scans", "files"), counts, strict=True):
        by_column = "  ".join(f"{column} {count.exact[column] / count.n_rows:.1%}" for column in COLUMNS)
        print(f"{name} rows {count.found}/{count.n_rows}, {count.spurious} too many, cells {count.cells:.2%}   {by_column}")
        for miss in count.misses[: options.show]:
            print("       seed {}: {} should be {!r}, is {!r}".format(*miss))
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
