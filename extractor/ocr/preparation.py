"""Pictures made easier to read: uneven or dark light is levelled, the red of stamps taken out. Their size never changes.

Arrays are ``(height, width)`` or ``(height, width, 3)`` of bytes, colours in the order red, green, blue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[Any]

COARSE = 600  # pixels of the longer side at which light and stamps are looked at
PAPER = 245  # brightness that levelled paper gets
DARK = 238  # paper darker than this is levelled: what is grey all over is paper and no shade
UNEVEN = 40  # and so is paper whose brightness differs by this much
LEAST_LIGHT = 50  # what is darker than this is no paper: the table under a photographed page
PALEST_INK = 40  # a page without any spot this much darker than its surroundings is blank
SHADE = 150  # a grey lighter than this is no ink
SHADE_OF_PAPER = 230  # and darker than this no paper
SHADE_SIDE = 9  # pixels; smaller greys are blurred strokes and what lies between them
FLAT = 20  # a shade's brightness differs by less than this over its side, that of blurred print by more
LEAST_SHADE = 0.0003  # of a page's pixels
AROUND_SHADE = 23  # pixels about a shade that belong to it: its own edge, and the words on it
RED = 45  # by this much red ink is brighter in red than in green and blue
STAMP_SIDES = (0.06, 0.4)  # of the page's shorter side
STAMP_SHAPE = 1.7  # a stamp's longer side is at most so many times the shorter
UNDER_STAMP = 0.42  # of the brightness of red ink in red light: words under it are darker
BLEEDING = 7  # pixels: red ink is blurred about half as far to every side
LEAST_RED = 60  # coarse pixels of red that a stamp has at least


@dataclass(frozen=True, slots=True)
class Prepared:
    """Grey pixels ready to be read, and Chinese words for what was done."""

    grey: Pixels
    steps: tuple[str, ...] = ()
    is_blank: bool = False


def prepare(image: Pixels) -> Prepared:
    """image: ``(height, width, 3)``."""
    import cv2

    steps = []
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    stamps = _stamp_ink(image)
    if stamps is not None:
        grey = _without(stamps, grey, image[:, :, 0])
        steps.append("滤除红色印章")
    small = _coarse(grey)
    paper = _paper(small)
    if _needs_levelling(paper):
        grey = _levelled(grey, paper)
        steps.append("校正光照")
    shades = _shades(grey)
    if shades is not None:
        grey = _faded(shades, grey)
        steps.append("淡化水印或底纹")
    return Prepared(grey, tuple(steps), is_blank=_is_blank(small, paper))


def _coarse(image: Pixels) -> Pixels:
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, COARSE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _paper(small: Pixels) -> Pixels:
    """How bright the paper is around every pixel: what is left when strokes are closed over."""
    import cv2
    import numpy as np

    closed = cv2.dilate(small, np.ones((11, 11), np.uint8))
    return cv2.GaussianBlur(cv2.medianBlur(closed, 21), (21, 21), 0)


def _needs_levelling(paper: Pixels) -> bool:
    import numpy as np

    low, middle, high = np.percentile(paper, (5, 50, 95))
    return bool(middle < DARK or high - low > UNEVEN)


def _levelled(grey: Pixels, paper: Pixels) -> Pixels:
    import cv2
    import numpy as np

    height, width = grey.shape
    around = cv2.resize(np.maximum(paper, LEAST_LIGHT), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, around, scale=PAPER)


def _shades(grey: Pixels) -> Pixels | None:
    """Where there is a light grey that is more than blurred strokes: a watermark, the ground of a table's head."""
    import cv2
    import numpy as np

    field = np.ones((SHADE_SIDE, SHADE_SIDE), np.uint8)
    calm = cv2.blur(grey, (3, 3))  # without the grain of the paper
    low, high = cv2.erode(calm, field), cv2.dilate(calm, field)
    shade: Pixels = (low > SHADE) & (high < SHADE_OF_PAPER) & (cv2.subtract(high, low) < FLAT)
    return shade.astype(np.uint8) if shade.mean() > LEAST_SHADE else None


def _faded(shades: Pixels, grey: Pixels) -> Pixels:
    """Shades as bright as paper, with the words on them. Elsewhere thin strokes, which are as pale, stay."""
    import cv2
    import numpy as np

    near = cv2.dilate(shades, np.ones((AROUND_SHADE, AROUND_SHADE), np.uint8))
    return np.where(near > 0, cv2.convertScaleAbs(grey, alpha=255 / SHADE), grey)


def _is_blank(small: Pixels, paper: Pixels) -> bool:
    import numpy as np

    darker = paper.astype(np.int16) - small
    return bool((darker > PALEST_INK).sum() < 4)


def _stamp_ink(image: Pixels) -> Pixels | None:
    """A mask of the red ink of stamps: compact red marks. Red lines of words are no stamp. None where there is none."""
    import cv2
    import numpy as np

    small = _redness(_coarse(image))
    if int((small > RED).sum()) < LEAST_RED:
        return None
    near = cv2.morphologyEx((small > RED).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near)
    kept = [label for label in range(1, count) if _is_stamp(stats[label], min(small.shape))]
    if not kept:
        return None
    height, width = image.shape[:2]
    region = np.zeros_like(small)
    for left, top, across, down, _ in stats[kept]:
        region[max(0, top - 1) : top + down + 1, max(0, left - 1) : left + across + 1] = 1  # with what stands inside its ring
    region = cv2.resize(region, (width, height), interpolation=cv2.INTER_NEAREST)
    ink = ((_redness(image) > RED // 2) & (region > 0)).astype(np.uint8)
    found: Pixels = cv2.dilate(ink, np.ones((BLEEDING, BLEEDING), np.uint8))
    return found


def _redness(image: Pixels) -> Any:
    import cv2
    import numpy as np

    red, green, blue = cv2.split(image)
    return cv2.subtract(red, np.maximum(green, blue))


def _is_stamp(stats: Any, page: int) -> bool:
    """stats: of a connected mark as OpenCV gives them."""
    width, height, area = int(stats[2]), int(stats[3]), int(stats[4])
    low, high = STAMP_SIDES
    longer, shorter = max(width, height), max(1, min(width, height))
    return low * page <= shorter and longer <= high * page and longer <= STAMP_SHAPE * shorter and area >= LEAST_RED


def _without(stamps: Pixels, grey: Pixels, red: Pixels) -> Pixels:
    """In red light red ink is nearly as bright as paper, and black words under it stay black.

    How bright it is depends on the ink, the paper and the lamp, so the ink itself says what becomes white.
    """
    import cv2
    import numpy as np

    bright = float(np.percentile(red[stamps > 0], 20))  # words are less than that, paper and bare ink brighter
    dark = UNDER_STAMP * bright
    scale = 255 / max(1.0, bright - dark)
    lit = cv2.convertScaleAbs(cv2.max(red, round(dark)), alpha=scale, beta=-dark * scale)
    return np.where(stamps > 0, np.maximum(grey, lit), grey)
