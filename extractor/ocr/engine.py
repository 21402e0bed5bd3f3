"""RapidOCR with the models of its wheel: from a picture to a `PageReading`. The only module that knows it; needs no network."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.ocr import upright
from extractor.ocr.fields import in_fields
from extractor.ocr.photograph import flattened, holds, papers_of
from extractor.ocr.preparation import prepare
from extractor.ocr.ruling import ruling_of
from extractor.ocr.strokes import or_stroke
from extractor.ocr.values import BLANK, Corners, PageReading, Picture, TextLine

if TYPE_CHECKING:
    from extractor.ocr.preparation import Pixels

OURS = 9  # to be raised with every change that makes another reading of the same picture
SIDE = 1280  # pixels of the longer side at which lines are looked for: a third of the time of 2000, and as good
FINE_SIDE = 2240  # where they turn out to be small
FINE_PRINT = 15.0  # pixels of a line's height at SIDE under which it is small
SLIMMEST = 4  # a picture longer than so many times its width gets paper beside it: the engine magnifies by the shorter side
MAX_LINES = 800  # of one page; noise may look like more
THINNEST = 4.0  # pixels; thinner strips are rules and specks
LONGEST = 90.0  # times its height: a longer strip is a rule
STANDING = 2.5  # a strip this many times higher than wide is a line on its side, not a narrow character
N_VOTES = 12  # lines asked whether the page is upside down
N_TRIALS = 3  # lines read both ways where they disagree
UNREADABLE = 0.5  # mean confidence of a line under which its words are noise
DOUBTFUL = 0.7  # confidence of a line's least certain character under which it is read a second time
MARGIN = 0.12  # of its height: what is then seen around a line, since a strip may cut strokes off
STRETCH = 1.4  # and how much wider it is drawn, so that the engine looks at more columns
DISPUTED = 0.5  # a character that both readings do not agree about is at most this certain
SKEWED = 0.3  # degrees from which a slope is worth telling


def engine_version() -> str:
    """Names everything that makes a reading what it is; part of the cache's paths."""
    return f"rapidocr-{version('rapidocr')}-{OURS}"


class Engine:
    """Reads pictures one by one, on one thread. Loading takes a second and 300 MB."""

    def __init__(self) -> None:
        import cv2
        import rapidocr
        from rapidocr import RapidOCR

        cv2.setNumThreads(1)
        models = Path(rapidocr.__file__).parent / "models"
        self._rapid: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,  # a call only finds lines; what is done with them is decided here
                "Global.use_rec": False,
                "Global.return_word_box": True,
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # Named, so that nothing is looked for elsewhere.
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Cls.model_path": str(models / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "Rec.rec_batch_num": 1,  # without padding to the longest of a batch: a third faster on one thread
            }
        )

    def read(self, picture: Picture) -> PageReading:
        import numpy as np

        image = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
        paper = self._paper(image)
        page = prepare(image if paper is None else flattened(image, paper))
        if page.is_blank:
            return PageReading(picture.width, picture.height, steps=(*page.steps, BLANK))
        strips = self._find(page.grey)
        turn, grey = self._upright(page.grey, strips)
        if turn:
            strips = self._find(grey)  # lines are found best where they are level
        height, width = grey.shape
        skew = upright.skew(strips)
        along = [strip for strip in strips if upright.runs_along(strip, skew)]
        ruling = ruling_of(grey, skew)
        skew = ruling.skew if ruling else skew
        lines, n_unreadable = self._lines(grey, in_fields(along, ruling)[:MAX_LINES] if ruling else along)
        rules = tuple(rule.bounds for rule in ruling.rules) if ruling else ()
        steps = [*(("按纸张四角纠正透视",) if paper else ()), *page.steps]
        if turn:
            steps.append(f"顺时针旋转 {90 * turn} 度")
        if abs(skew) >= SKEWED:
            steps.append(f"纠正倾斜 {abs(skew):.1f} 度")
        if len(along) < len(strips):
            steps.append(f"略过斜向文字 {len(strips) - len(along)} 处（水印等）")
        return PageReading(width, height, tuple(lines), turn, skew, tuple(steps), n_unreadable, rules, paper)

    def _paper(self, image: Pixels) -> Corners | None:
        """The corners of a photographed sheet; None where there is none, and where words stand beside it."""
        import cv2

        papers = list(papers_of(image))
        if not papers:
            return None
        height, width = image.shape[:2]
        strips = self._detected(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), SIDE)
        middles = [(sum(x for x, _ in strip) / 4 / width, sum(y for _, y in strip) / 4 / height) for strip in strips]
        return next((paper for paper in papers if all(holds(paper, middle) for middle in middles)), None)

    def _find(self, grey: Pixels) -> list[Corners]:
        """Strips of lines, from top to bottom."""
        strips = self._detected(grey, SIDE)
        heights = sorted(min(upright.sides(strip)) for strip in strips)
        scale = SIDE / max(grey.shape)
        if strips and scale < 1 and heights[len(heights) // 2] * scale < FINE_PRINT:
            strips = self._detected(grey, FINE_SIDE)
        return strips[:MAX_LINES]

    def _detected(self, grey: Pixels, side: int) -> list[Corners]:
        import cv2

        height, width = grey.shape
        scale = min(1.0, side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        down, right = (max(0, max(size) // SLIMMEST - own) for own in small.shape)
        small = cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_CONSTANT, value=255)
        boxes = self._rapid(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)).boxes
        if boxes is None:
            return []
        across, down = width / size[0], height / size[1]
        strips = [upright.ordered([(float(x) * across, float(y) * down) for x, y in box]) for box in boxes]
        return [strip for strip in strips if _is_strip(strip)]

    def _upright(self, grey: Pixels, strips: list[Corners]) -> tuple[int, Pixels]:
        """The clockwise quarters that put the page upright, and the picture after them."""
        import numpy as np

        turn = 0
        if upright.lies_on_its_side(strips):
            strips = [upright.turned(strip, grey.shape[0]) for strip in strips]
            turn, grey = 1, np.rot90(grey, -1)
        longest = sorted(strips, key=lambda strip: -upright.sides(strip)[0])[:N_VOTES]
        if self._is_upside_down(grey, longest):
            turn, grey = turn + 2, np.rot90(grey, 2)
        return turn, np.ascontiguousarray(grey)

    def _is_upside_down(self, grey: Pixels, strips: Sequence[Corners]) -> bool:
        """What most lines look like; where they disagree, which way a few of them read better."""
        import numpy as np

        crops = [_crop(grey, strip) for strip in strips]
        if not crops:
            return False
        votes = self._rapid.cls_and_rotate(list(crops))[1].cls_res
        share = sum(str(label) == "180" for label, _ in votes) / len(votes)
        if share < 0.25:
            return False
        trials = crops[:N_TRIALS]
        as_is = self._rapid.recognize_txt(trials).scores
        other = self._rapid.recognize_txt([np.ascontiguousarray(np.rot90(crop, 2)) for crop in trials]).scores
        return float(sum(other)) > float(sum(as_is))

    def _lines(self, grey: Pixels, strips: Sequence[Corners]) -> tuple[list[TextLine], int]:
        """Lines that could be read, and how many could not."""
        lines: list[TextLine] = []
        n_unreadable = 0
        for strip in strips:  # one by one: a page has hundreds of them
            line = self._line(grey, strip)
            if line is None or sum(line.confidences) < UNREADABLE * len(line.text):
                n_unreadable += line is not None
            else:
                lines.append(line)
        return lines, n_unreadable

    def _line(self, grey: Pixels, strip: Corners) -> TextLine | None:
        """What stands in a strip; what is hardly readable is looked at twice."""
        crop = _crop(grey, strip)
        first = or_stroke(self._recognised(crop, strip), crop, strip)
        if first is None or min(first.confidences) >= DOUBTFUL:
            return first
        around = upright.grown(strip, MARGIN)
        second = self._recognised(_crop(grey, around, STRETCH), around)
        return first if second is None else agreed(first, _without_margin(second, strip))

    def _recognised(self, crop: Pixels, strip: Corners) -> TextLine | None:
        found = self._rapid.recognize_txt([crop])
        return _line(found.txts[0], found.word_results[0], strip)


def _without_margin(line: TextLine, strip: Corners) -> TextLine:
    """A line that was read with a margin around its strip, as one of the strip."""
    width, whole = upright.sides(strip)[0], upright.sides(line.corners)[0]
    margin = (whole - width) / 2
    middles = (min(1.0, max(0.0, (middle * whole - margin) / width)) for middle in line.middles)
    return replace(line, middles=tuple(round(middle, 5) for middle in middles), corners=strip)


def agreed(first: TextLine, second: TextLine) -> TextLine:
    """The better of two readings of a line; what they do not agree about is not certain in it."""
    better, other = sorted((first, second), key=lambda line: -sum(line.confidences) / len(line.confidences))
    confidences = list(better.confidences)
    for block in SequenceMatcher(None, _plain(better.text), _plain(other.text), autojunk=False).get_opcodes():
        tag, start, end, *_ = block
        if tag != "equal":  # where the other reads something more, what stands around it is in doubt
            for at in range(max(0, start - (start == end)), min(len(confidences), end + (start == end))):
                confidences[at] = min(confidences[at], DISPUTED)
    return replace(better, confidences=tuple(confidences))


def _plain(text: str) -> str:
    """In half width, as long as before: both widths are the same reading."""
    return "".join(plain if len(plain := unicodedata.normalize("NFKC", one)) == 1 else one for one in text)


def _is_strip(strip: Corners) -> bool:
    shorter, longer = sorted(upright.sides(strip))
    return shorter >= THINNEST and longer <= LONGEST * shorter


def _crop(grey: Pixels, strip: Corners, stretch: float = 1.0) -> Pixels:
    """The strip as a level picture of its own, ``(height, width, 3)``; ``stretch`` times as wide where it lies."""
    import cv2
    import numpy as np

    width, height = (max(1, round(side)) for side in upright.sides(strip))
    width = round(width * stretch) if width > height else width
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(strip, np.float32), target)
    crop = cv2.warpPerspective(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if height >= STANDING * width:
        crop = np.rot90(crop)
    return cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_GRAY2BGR)


def _line(text: str, found: Any, strip: Corners) -> TextLine | None:
    """Characters with their places. ``found.word_cols`` are columns of the visible ones, ``confs`` belong to all."""
    visible = iter([column for word in found.word_cols for column in word])
    columns = [None if character.isspace() else next(visible) for character in text]
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if start >= end:
        return None
    middles: list[float] = []
    for at in range(start, end):
        column = columns[at]
        place = (column + 0.5) / found.line_txt_len if column is not None else middles[-1]
        middles.append(round(min(1.0, max(0.0, place)), 5))
    confidences = (min(1.0, max(0.0, float(one))) for one in found.confs[start:end])
    corners = tuple((round(x, 1), round(y, 1)) for x, y in strip)
    return TextLine(text[start:end], tuple(middles), tuple(confidences), (corners[0], corners[1], corners[2], corners[3]))
