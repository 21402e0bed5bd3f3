"""Printed pages as a scanner gives them: paper, skew, stamp, blur, noise and JPEG; all of it follows from a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from extractor.errors import ExtractorError
from extractor.twins.typesetting import HEIGHT, WIDTH, Face, Page

INK = 30  # brightness
BLACK = 150  # what is darker is black on a fax
STAMP_INK = (205, 40, 45)
STAMP_SIZE = 119.0  # points across: 42 mm
TABLE = (92, 70, 54)  # what a photographed page lies on
AROUND = 0.06  # of a page's sides: how much of the table is seen
SHADOW = (0.55, 0.75)  # of the light that is left in it
# Fonts by their files' names: (file, number in it). Each report takes one of each face.
FONTS: Mapping[Face, tuple[tuple[str, int], ...]] = {
    Face.BODY: (("NotoSerifCJK-Regular.ttc", 2), ("uming.ttc", 0), ("gbsn00lp.ttf", 0), ("ukai.ttc", 0)),
    Face.TITLE: (("NotoSerifCJK-Bold.ttc", 2), ("NotoSansCJK-Bold.ttc", 2)),
    Face.CHAPTER: (("NotoSansCJK-Regular.ttc", 2), ("wqy-zenhei.ttc", 0)),
    Face.SECTION: (("ukai.ttc", 0), ("NotoSerifCJK-Bold.ttc", 2)),
}
SPARE = ("NotoSerifCJK-Regular.ttc", 2)  # for characters that a font does not have


class FontError(ExtractorError):
    """A font is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the scanner does. Lengths are pixels, ``skew`` is the range of the slope's size in degrees."""

    dpi: int
    skew: tuple[float, float]
    blur: float  # standard deviation
    noise: float  # standard deviation, of 255
    quality: int  # of JPEG, 1 to 95
    paper: tuple[int, int] = (245, 255)  # brightness
    stamp: bool = False
    tilt: float = 0.0  # of a page's sides, by which a camera moves its corners; 0: no camera
    two_tone: bool = False  # black and white, as a fax


LIGHT = Scan(dpi=200, skew=(0.0, 2.0), blur=0.4, noise=4.0, quality=75)
HARD = Scan(dpi=150, skew=(4.0, 5.0), blur=0.8, noise=8.0, quality=60, paper=(215, 245), stamp=True)
PHOTO = Scan(dpi=180, skew=(0.0, 1.0), blur=0.7, noise=5.0, quality=80, paper=(215, 245), tilt=0.05)
FAX = Scan(dpi=150, skew=(0.0, 1.5), blur=0.6, noise=20.0, quality=95, two_tone=True)
SCANS: Mapping[str, Scan] = {"light": LIGHT, "hard": HARD, "photo": PHOTO, "fax": FAX}


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts of one report."""

    names: Mapping[Face, tuple[str, int]]

    @classmethod
    def drawn(cls, dice: random.Random) -> Faces:
        return cls({face: dice.choice(fonts) for face, fonts in FONTS.items()})

    def font(self, text: str, face: Face, pixels: int) -> Any:
        """What a character is drawn with. Raises FontError where the font is not installed."""
        font = _font(*self.names[face], pixels)
        return font if _has(*self.names[face], text) else _font(*SPARE, pixels)

    def width(self, text: str, face: Face) -> float:
        """Of a character, in sizes."""
        return float(self.font(text, face, 100).getlength(text)) / 100


@cache
def _font(file: str, number: int, pixels: int) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(file, pixels, index=number)
    except OSError as error:
        raise FontError(f"{file}: no such font; the package {__package__} says what to install") from error


@cache
def _has(file: str, number: int, text: str) -> bool:
    """Whether a font shows a character as anything but what it shows for one that no font has."""
    font = _font(file, number, 40)
    return bool(text.isspace() or bytes(font.getmask(text)) != bytes(font.getmask("\U000effff")))


def scanned(pages: Sequence[Page], faces: Faces, scan: Scan, dice: random.Random) -> bytes:
    """A PDF of pictures without any text or date."""
    pictures = list(_pictures(pages, faces, scan, dice))
    stream = BytesIO()
    settings = {"resolution": float(scan.dpi), "quality": scan.quality, "creationDate": None, "modDate": None}
    pictures[0].save(stream, "PDF", save_all=True, append_images=pictures[1:], **settings)
    return stream.getvalue()


def _pictures(pages: Sequence[Page], faces: Faces, scan: Scan, dice: random.Random) -> Iterator[Any]:
    for number, page in enumerate(pages):
        picture = printed(page, faces, scan.dpi)
        if scan.stamp and number in (0, len(pages) - 1):
            picture = _stamped(picture, scan.dpi, dice)
        yield _through_scanner(picture, scan, dice)


def printed(page: Page, faces: Faces, dpi: int) -> Any:
    """Black on white, as a Pillow picture in red, green and blue."""
    from PIL import Image, ImageDraw

    scale = dpi / 72
    picture = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
    draw = ImageDraw.Draw(picture)
    for one in page:
        font = faces.font(one.text, one.face, round(one.size * scale))
        draw.text((one.x * scale, one.baseline * scale), one.text, fill=INK, font=font, anchor="ls")
    return picture.convert("RGB")


def _stamped(picture: Any, dpi: int, dice: random.Random) -> Any:
    """A round red stamp with a star somewhere over the words of the lower or middle half."""
    from PIL import Image, ImageChops, ImageDraw

    scale = dpi / 72
    size = round(STAMP_SIZE * scale)
    x, y = round(dice.uniform(0.3, 0.6) * picture.width), round(dice.uniform(0.45, 0.72) * picture.height)
    ink = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(ink)
    draw.ellipse((x, y, x + size, y + size), outline=STAMP_INK, width=max(2, round(3 * scale)))
    middle = x + size / 2, y + size / 2
    star = [
        (
            middle[0] + size * radius * math.sin(math.pi * corner / 5),
            middle[1] - size * radius * math.cos(math.pi * corner / 5),
        )
        for corner, radius in enumerate((0.17, 0.065) * 5)
    ]
    draw.polygon(star, fill=STAMP_INK)
    _around(ink, "评价专用章财务审核", middle, size, STAMP_INK)
    return ImageChops.multiply(picture, ink)


def _around(ink: Any, words: str, middle: tuple[float, float], size: int, colour: tuple[int, int, int]) -> None:
    """Words along the upper part of a stamp's ring."""
    from PIL import Image, ImageDraw

    height = round(size * 0.13)
    for number, word in enumerate(words):
        angle = math.radians(-120 + 240 * number / (len(words) - 1))
        cut = Image.new("L", (2 * height, 2 * height), 0)
        ImageDraw.Draw(cut).text((height, height), word, fill=255, font=_font(*SPARE, height), anchor="mm")
        turned = cut.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
        place = (
            round(middle[0] + 0.37 * size * math.sin(angle) - height),
            round(middle[1] - 0.37 * size * math.cos(angle) - height),
        )
        ink.paste(colour, place, turned)


def _through_scanner(picture: Any, scan: Scan, dice: random.Random) -> Any:
    import numpy as np
    from PIL import Image, ImageFilter

    degrees = dice.uniform(*scan.skew) * dice.choice((-1, 1))
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    blurred = turned.filter(ImageFilter.GaussianBlur(scan.blur))
    paper = dice.randint(*scan.paper) / 255
    tint = np.array([1.0, 1.0, dice.uniform(0.95, 1.0)], np.float32)  # old paper is yellow
    noise = np.random.default_rng(dice.getrandbits(32))
    light = np.linspace(1.0, dice.uniform(0.95, 1.0), picture.width, dtype=np.float32)[None, :, None]  # of the lamp
    pixels = np.asarray(blurred, np.float32) * paper * tint * light
    if scan.tilt:
        pixels = _photographed(pixels, scan.tilt, dice)
    grain = noise.standard_normal((*pixels.shape[:2], 1), np.float32) * scan.noise
    scanned = Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))
    return scanned.convert("L").point(lambda value: 255 * (value > BLACK)) if scan.two_tone else scanned


def _photographed(pixels: Any, tilt: float, dice: random.Random) -> Any:
    """A page on a table, seen a little from the side, with a shadow over it. pixels: ``(height, width, 3)`` of floats."""
    import numpy as np
    from PIL import Image

    height, width = pixels.shape[:2]
    corners = [
        ((x + AROUND + dice.uniform(-tilt, tilt)) * width, (y + AROUND + dice.uniform(-tilt, tilt)) * height)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    size = round((1 + 2 * AROUND) * width), round((1 + 2 * AROUND) * height)
    view = _perspective(corners, [(0, 0), (width, 0), (width, height), (0, height)])
    page = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGBA")
    seen = page.transform(size, Image.Transform.PERSPECTIVE, view, Image.Resampling.BICUBIC)
    photo = Image.new("RGBA", size, TABLE)
    photo.alpha_composite(seen)
    angle, edge = dice.uniform(0, 2 * math.pi), dice.uniform(-0.2, 0.2)
    y, x = np.mgrid[-0.5 : 0.5 : size[1] * 1j, -0.5 : 0.5 : size[0] * 1j].astype(np.float32)
    share = 1 / (1 + np.exp(-(x * math.cos(angle) + y * math.sin(angle) - edge) * 25))
    light = 1 - (1 - dice.uniform(*SHADOW)) * share
    return np.asarray(photo.convert("RGB"), np.float32) * light[:, :, None]


def _perspective(shown: Sequence[tuple[float, float]], flat: Sequence[tuple[float, float]]) -> list[float]:
    """Pillow's eight coefficients, which lead from four shown points to flat ones."""
    import numpy as np

    rows, values = [], []
    for (x, y), (across, down) in zip(shown, flat, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -across * x, -across * y), (0, 0, 0, x, y, 1, -down * x, -down * y)]
        values += [across, down]
    found: list[float] = np.linalg.solve(np.array(rows, float), np.array(values, float)).tolist()
    return found
