"""Quantities in words: where they stand in a text, what they are worth, and how to write them again.

`find` sets the borders the annotation guidelines ask for (number + unit + the words that change the number's meaning), `parse`
reads such words as an exact `Quantity`, `render` is its inverse, `head_unit` reads the unit a table head declares.

Everything is driven by the tables below. The scanner never looks at the same character more than a bounded number of times:
every repetition is bounded or possessive, so hostile input stays linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from extractor.types import Quantity, QuantityKind, Relation, Span

# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LOOKALIKES = {"l": "1", "I": "1", "O": "0", "o": "0", "Ｏ": "0"}  # what OCR makes of a digit
DIGITS = "0-9０-９"
DIGIT = f"[{DIGITS}{''.join(LOOKALIKES)}]"
NUMERALS = "零〇一二三四五六七八九十百千万亿两半壹贰叁肆伍陆柒捌玖拾佰仟"
BLANK = r"[ \t\u00a0\u3000]"

# A look-alike counts as a digit only in company of a real one.
ARABIC = (
    rf"(?<![A-Za-z{DIGITS}])(?=[{''.join(LOOKALIKES)}.,，]{{0,6}}[{DIGITS}])"
    rf"(?:{DIGIT}{{1,3}}(?:[,，]{DIGIT}{{3}}(?!{DIGIT}))++|{DIGIT}{{1,3}}(?:{BLANK}{DIGIT}{{3}}(?!{DIGIT}))++|{DIGIT}++)"
    rf"(?:[.．]{DIGIT}++)?+"
)
FRACTION = "[百千万]?分之"
CHINESE = rf"(?<![每{NUMERALS}])[{NUMERALS}]{{1,24}}+(?:{FRACTION}[{NUMERALS}]{{1,12}}+)?(?:点[{NUMERALS}]{{1,12}}+)?"

# ── Units ────────────────────────────────────────────────────────────────────────────────────────────────────────────

SCALES = ("万亿", "千亿", "百亿", "千万", "百万", "亿", "万", "千", "百")
PERCENTS = ("%", "％", "﹪", "‰", "‱", "个百分点", "百分点", "个点")
MONEY = tuple("人民币元 美元 欧元 日元 英镑 港元 港币 韩元 卢布 元 角".split())
# OCR reads 元 as these; they are a unit only after a scale (万无), where no other word can stand.
MONEY_LOOKALIKES = ("无", "兀", "儿")
MEASURES = tuple(
    (
        "平方公里 平方千米 平方米 平方厘米 平米 立方米 立方 公里 公理 千米 厘米 毫米 延米 米 海里 里 公顷 亩 公斤 千克 "
        "毫克 微克 克 斤 吨标准煤 吨标煤 吨公里 吨 标准箱 标箱 毫升 升 千瓦时 兆瓦 千瓦 瓦 千伏安 千伏 度 分贝 ㎡ m² m2 "
        "m³ m3 DDDs DDD km kg mg μg ug µg g mm cm m t T TB GB MB TEU kWh KWh kW KW MW dB ℃ ml mL L"
    ).split()
)
TIMES = tuple(
    (
        "个工作日 个自然日 个月 个小时 个学时 个课时 工作日 自然日 日历天 小时 分钟 秒 学年 学期 学时 课时 工时 工日 "
        "人日 人天 人年 站年 年 天 日 周 个周"
    ).split()
)
COUNTS = tuple(
    (
        "个等级 个档次 个班次 个标段 个批次 个 家 户 人 名 位 件 宗 项 大项 小项 场 座 处 间 套 起 条 批 辆 期 列 支 张 "
        "台 大类 中类 小类 类 路 所 册 篇 例 栋 幢 株 棵 头 只 羽 匹 尾 本 部 份 门 节 班 届 轮 站 架 艘 根 枚 发 副 眼 "
        "口 对 双 组 队 片 块 笔 单 款 种 等 级 档 层 卷 页 字 幅 面 盏 杆 把 袋 瓶 桶 箱 包 盒 顶 床位 床 剂 针 粒 段 "
        "道 圈 趟 车 班列 盘 枝 扇 樘 孔 洞 井 桩 榀 听 罐 串 束 丛 畦 窝 箩 担 挂 节次 回 遍 步 格 点 线 星 村 镇 字节 "
        "标段 网格 自然村 单元 台套 具 人份 车道 车位 泊位 学位 学分 工位 席位 席 户头 门次 倍 成 分 次"
    ).split()
)


def _words(words: Iterable[str]) -> str:
    """A regular expression for any of the words, longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


SCALE = f"(?:{_words(SCALES)})"
MONEY_WORDS = f"{_words(MONEY)}|(?<=[万亿千百])(?:{_words(MONEY_LOOKALIKES)})"
OTHER = r"[（(][套条件份个台辆部次幅项块只本张册家户艘粒]{1,2}[）)]"  # 台（套）, 篇（条）
OCCASIONS = r"(?:次(?![干要生级年日新数品第])|[（(]次[）)])?"  # 人次 台次 批次: any counted thing may be counted by occasion
BASE = rf"(?:{_words(PERCENTS)}|{MONEY_WORDS}|(?:{_words((*MEASURES, *TIMES, *COUNTS))})(?:{OTHER})?{OCCASIONS})"
# What one counts by, after the stroke: 元/平方米, 元/人·年, 例/10万, 张/万人.
AFTER_BY = rf"(?:[{DIGITS}]{{1,6}}{SCALE}?|{SCALE})?(?:个)?{BASE}?"
PER_UNIT = rf"(?:{BLANK}?[/／]{BLANK}?(?=[{DIGITS}万千百]|{BASE}){AFTER_BY}|[·•・](?:{BASE}|月|季度?)){{0,3}}+"
MORE = "[余多]"
BOUND_AFTER = "(?:(?<=[日月时天年钟周])内(?![部设外])|及以上|及以下|以上|以下|以内|之内|之上|左右|上下)"

# A unit: a scale, 余, blanks and a classifier in the orders in use (万余亩, 余万元, 多家); each part may be missing.
AFTER_NUMBER = (
    rf"(?:{BLANK}{{0,2}}{MORE}(?=[{NUMERALS}]|{BLANK}?{BASE}))?+"
    rf"(?:{BLANK}{{0,2}}{SCALE}(?!分之))?+(?:{MORE}(?={BLANK}?{BASE}))?+"
)
UNIT = rf"(?:{BLANK}{{0,2}}(?:{BASE}))"
# 1亿2000万元, 12.6例/10万, 1:3.5, 14/10万
MIXED = rf"(?:(?<=[亿万千]){DIGIT}{{1,4}}+{SCALE}?)?+"
RATIO = rf"(?:{BLANK}?[:：∶比]{BLANK}?{ARABIC}|/{ARABIC}{SCALE}?)"
TAIL = rf"{PER_UNIT}(?:{BLANK}{{0,2}}{BOUND_AFTER})?+"
DIGITAL = rf"{ARABIC}(?:{RATIO}(?:{BLANK}?%)?|{AFTER_NUMBER}{MIXED}{UNIT}?+(?![A-Za-z])){TAIL}"
SPELLED = (
    rf"{CHINESE}(?:(?<=[十百千万亿两]){MORE})?{SCALE}?(?:{MORE}(?={BASE}))?"
    rf"(?:{UNIT}(?:(?<=成)[{NUMERALS}])?|(?<=分之.)|(?<=点.)|(?<=半)){TAIL}"
)
ONE = rf"(?:{DIGITAL}|{SPELLED})"
JOIN = r"(?:[-－—–~～〜至]{1,2}|[ ]?(?:至|—|-)[ ]?)"
# 9大类46项, 86户214人: digits may follow a unit directly, and over a blank where the unit asks for a finer one.
ADJOINING = rf"(?:(?<=[类时户]){BLANK})?(?<![{DIGITS}.,，])(?<!{BLANK}{BLANK}){DIGITAL}"
VALUE = rf"(?:{DIGITAL}(?:{JOIN}{ONE}|{ADJOINING}){{0,2}}+|{SPELLED}(?:{JOIN}{ONE})?+)"

# ── What looks like a value and is none ──────────────────────────────────────────────────────────────────────────────

YEAR = r"(?:19|20|１９|２０)[0-9０-９]{2}"
DASH = r"[-－—–~～/.．至、和]"
NOT_A_VALUE = (
    rf"{YEAR}{BLANK}{{0,2}}(?:{DASH}{BLANK}?{YEAR}){{0,4}}{BLANK}{{0,2}}年度?(?!均)"
    rf"(?:{BLANK}?[{DIGITS}]{{1,2}}{BLANK}?月(?:{BLANK}?[{DIGITS}]{{1,2}}{BLANK}?日)?)?"
    rf"|{YEAR}[-./][{DIGITS}]{{1,2}}[-./][{DIGITS}]{{1,2}}(?![{DIGITS}%％])"
    rf"|[{DIGITS}]{{1,2}}(?:{BLANK}?月?{DASH}[{DIGITS}]{{1,2}})?{BLANK}?月份?(?:{BLANK}?[{DIGITS}]{{1,2}}{BLANK}?日)?"
    rf"|[{NUMERALS}]{{1,3}}月(?:[{NUMERALS}]{{1,3}}日)?|[二〇零一九○]{{2}}[{NUMERALS}○]{{2}}年"
    rf"|[〔\[（(【﹝]{YEAR}[〕\]）)】﹞]{BLANK}?第?{BLANK}?[{DIGITS}]{{1,5}}{BLANK}?号"
    rf"|第{BLANK}?(?:[{NUMERALS}]{{1,6}}|[{DIGITS}]{{1,4}}){BLANK}?[号章节条款届次批期类名位年]?"
    rf"|[（(][{DIGITS}]{{1,2}}[）)](?=[\u4e00-\u9fff])"
    rf"|^{BLANK}{{0,8}}[{DIGITS}]{{1,2}}(?:[.．·、]|[）)])(?![{DIGITS}])"
)
LATIN = r"[A-Za-z](?:[A-Za-z0-9]++[-.]?){0,8}"  # PM2.5, CO2: digits inside are no values

START = re.compile(rf"^{BLANK}|[{DIGITS}A-Za-zＯ第〔\[（(【﹝{NUMERALS}]", re.MULTILINE)
SCAN = re.compile(rf"(?:{NOT_A_VALUE})|(?P<value>{VALUE})|{LATIN}", re.MULTILINE)
PIECE = re.compile(ONE)

# ── What stands before a number ──────────────────────────────────────────────────────────────────────────────────────

RISE = tuple("增长 提高 提升 增加 上升 上涨 增幅 上浮 净增 增 涨 高 多 回升".split())
FALL = tuple("提前 压降 压减 精简 削减 下降 减少 降低 缩短 压缩 下调 下跌 下滑 缩减 节约 净减 降 减 低 少 缩".split())
GAP = ("相差", "差")
AT_LEAST = tuple("不低于 不少于 不小于 不得低于 不得少于 至少 最少 不下于 ≥ ≧ ⩾ >= ＞=".split())
OVER = tuple("超过 超 大于 逾 高于 多于 > ＞".split())
AT_MOST = tuple("不超过 不得超过 不超 不高于 不得高于 不多于 不大于 至多 最多 ≤ ≦ ⩽ <= ＜=".split())
UNDER = tuple("小于 低于 少于 不足 不到 不满 < ＜".split())
ABOUT = tuple("大约 约 将近 接近 近 ±".split())
HEDGES = (*AT_LEAST, *OVER, *AT_MOST, *UNDER, *ABOUT)
COMPARED = tuple("同比 环比 年均 日均 月均 周均 人均 户均 亩均 村均".split())
# These often belong to the sentence, not to the value (均高于90%的指标值, 与目标相差3个百分点):
# the border without them is preferred.
OUTSIDE_FIRST = (*GAP, "高于", "低于", "节约", "增", "减", "缩")
# A one-character word is none where it ends one of these: 新增12家, 最高90分, 签约3户.
PART_OF_WORD = "新最至许更很诸追核调递签节契预违"
EACH_UNITS = (*MEASURES, *TIMES, *COUNTS, "年", "月", "季度", "周", "天", "日", "班", "平方米", "万元")
WINDOW = 24  # characters before a number that can hold words of its value
NUMBER_ENDS = frozenset("0123456789０１２３４５６７８９" + "".join(LOOKALIKES) + "万亿千百余多")
NO_UNIT = frozenset(  # characters that begin no unit
    "的和及与或并是为在于由比较达到至提增减上下已未完全其中内外前后年月日号将被按以可能应了均共约超近且但而不有无从对向起降升"
)


def _before(words: Iterable[str], after: str = "") -> re.Pattern[str]:
    """Matches the longest of the words, and blanks after it, at the end of a window."""
    return re.compile(rf"(?:{_words(words)}){after}{BLANK}{{0,2}}$")


LEADING = (  # from the number outwards
    re.compile(r"(?<![0-9０-９A-Za-z%％])[-－−]$"),
    _before(HEDGES),
    _before((*RISE, *FALL, *GAP), after="了?"),
    _before(COMPARED),
    re.compile(rf"(?:每[十百千万]{{0,2}}(?:{_words(EACH_UNITS)})){{1,2}}{BLANK}{{0,2}}$"),
)
MODIFIERS = frozenset((*HEDGES, *RISE, *FALL, *GAP, *COMPARED))
LAST_OF_LEADING = frozenset(word[-1] for word in (*MODIFIERS, *EACH_UNITS, "了", "-", "－", "−", " ", "\u3000", "\t", "\u00a0"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be a value mark; ``preferred`` is False for a second opinion about another candidate's border."""

    span: Span
    preferred: bool = True


def find(text: str) -> list[Candidate]:
    """Every place that could be a value, by start, longer first; candidates may overlap, no span comes twice."""
    found: dict[Span, bool] = {}
    at = floor = 0
    while start := START.search(text, at):
        match = SCAN.match(text, start.start())
        if match is None:
            at = start.end()
            continue
        at = match.end()
        if match["value"]:
            for candidate in _readings(text, floor, match.start(), match.end()):
                found[candidate.span] = found.get(candidate.span, False) or candidate.preferred
        floor = at
    order = sorted(found, key=lambda span: (span.start, -span.end))
    return [Candidate(span, found[span]) for span in order]


def _readings(text: str, floor: int, start: int, end: int) -> Iterator[Candidate]:
    """The borders one scanned value may have: with fewer leading words, and its parts where it joins several numbers."""
    starts, best = _leading(text, floor, start)
    for begin in starts:
        yield Candidate(Span(begin, end), begin == best)
    pieces = [piece.span() for piece in PIECE.finditer(text, start, end)]
    if len(pieces) > 1:
        yield Candidate(Span(starts[-1], pieces[0][1]), False)
        yield from (Candidate(Span(*piece), False) for piece in pieces)
    yield from _other_ends(text, start, end)


def _leading(text: str, floor: int, start: int) -> tuple[list[int], int]:
    """Possible starts of a value, from its number outwards, and the preferred one of them."""
    starts, best = [start], start
    if start == floor or text[start - 1] not in LAST_OF_LEADING:
        return starts, best
    low = max(floor, start - WINDOW)
    keep = True
    for pattern in LEADING:
        match = pattern.search(text[low : starts[-1]])
        if match is None:
            continue
        begin = low + match.start()
        word = match[0].strip().removesuffix("了")
        if len(word) == 1 and begin and text[begin - 1] in PART_OF_WORD:
            break
        starts.append(begin)
        keep = keep and word not in OUTSIDE_FIRST
        best = begin if keep else best
    return starts, best


def _other_ends(text: str, start: int, end: int) -> Iterator[Candidate]:
    """A bare number before one or two Chinese characters may have them for a unit nobody listed."""
    if text[end - 1] not in NUMBER_ENDS:
        return
    for length in (1, 2):
        unit = text[end : end + length]
        if len(unit) < length or not all("\u4e00" <= char <= "\u9fff" and char not in NO_UNIT for char in unit):
            return
        yield Candidate(Span(start, end + length), False)


# ── What words are worth ─────────────────────────────────────────────────────────────────────────────────────────────


class QuantityError(ValueError):
    """The words hold no number, or none that can be read exactly."""


EXACT = Context(prec=100)  # more digits than `LONGEST` characters can state
LONGEST = 80
POWERS = {"万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3, "百": 2, "": 0}
FIGURES = {
    figure: value for figures in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "○么两") for value, figure in enumerate(figures)
}
PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8}
ALIASES = {  # other spellings of a unit, as NFKC leaves them
    "个百分点": "百分点",
    "个点": "百分点",
    "人民币元": "元",
    "公理": "公里",
    "平米": "平方米",
    "m2": "平方米",
    "m3": "立方米",
    "立方": "立方米",
    "km": "公里",
    "kg": "公斤",
    "标准箱": "标箱",
    "个工作日": "工作日",
    "个小时": "小时",
    "个学时": "学时",
    "个课时": "课时",
    "吨标准煤": "吨标煤",
    "μg": "微克",
    "mg": "毫克",
}
SHARES = ("%", "‰", "‱")
PARTS_OF = {"百": "%", "千": "‰", "万": "‱"}  # 百分之五, 千分之五, 万分之五
RATIO_UNIT = "比"  # 1:3.5 is 3.5 to one
PERIOD_OF = {"日均": "日", "月均": "月", "周均": "周", "年均": "年", "人均": "人", "户均": "户", "亩均": "亩"}
RELATIONS = {
    **dict.fromkeys(AT_LEAST, Relation.AT_LEAST),
    **dict.fromkeys(OVER, Relation.MORE),
    **dict.fromkeys(AT_MOST, Relation.AT_MOST),
    **dict.fromkeys(UNDER, Relation.LESS),
    **dict.fromkeys(ABOUT, Relation.ABOUT),
    **dict.fromkeys(("及以上", "以上", "之上"), Relation.AT_LEAST),  # 以上 以下 以内 include the number itself
    **dict.fromkeys(("及以下", "以下", "以内", "之内", "内"), Relation.AT_MOST),
    **dict.fromkeys(("左右", "上下"), Relation.ABOUT),
}
RELATIONS = {unicodedata.normalize("NFKC", word): relation for word, relation in RELATIONS.items()}
OPPOSITE = {
    Relation.AT_LEAST: Relation.AT_MOST,
    Relation.AT_MOST: Relation.AT_LEAST,
    Relation.MORE: Relation.LESS,
    Relation.LESS: Relation.MORE,
}
DIRECTIONS = {**dict.fromkeys(RISE, 1), **dict.fromkeys((*FALL, *GAP), -1)}

_FIGURE = "[0-9lIOo]"
_ARABIC = re.compile(
    rf"(?<![A-Za-z0-9/.])(?=[lIOo.]{{0,6}}[0-9])(?P<number>{_FIGURE}+(?:\.{_FIGURE}+)?)"
    r"(?P<more>[余多])?(?P<scale>万亿|千亿|百亿|千万|百万|亿|万|千(?![克米瓦伏])|百(?!分))?(?P<more_after>[余多])?"
)
_CHINESE = re.compile(
    rf"(?:(?P<whole>[{NUMERALS}]+)分之)?(?P<number>(?!百分点)(?<!成)[{NUMERALS}]+(?:点[{NUMERALS}]+)?)(?P<more>[余多])?"
    r"(?P<scale>万亿|亿|万)?(?P<more_after>[余多])?"
)
_EACH_WORDS = re.compile(rf"每[十百千万]{{0,2}}(?:{_words(EACH_UNITS)})")
_LEADING_WORDS = re.compile(_words((*RELATIONS, *DIRECTIONS, *PERIOD_OF)))
_BOUND = re.compile(r"(?:(?<=[日月时天年钟周])内|及以上|及以下|以上|以下|以内|之内|之上|左右|上下)$")
_RATIO = re.compile(r"([0-9.]+)[:∶比]([0-9.]+)")
_CONNECTOR = re.compile(r"[-—–~〜至]+$")


@dataclass(frozen=True, slots=True)
class _Part:
    """One number of the words with what follows it, up to the next number: ``3万`` + ``元``."""

    number: Decimal  # scale not yet applied
    power: int | None  # of ten; None where no scale is written
    unit: str
    more: bool
    ranged: bool  # a connector (至, -) follows

    @property
    def value(self) -> Decimal:
        return self.number.scaleb(self.power or 0, EXACT)


def parse(words: str, *, head_unit: str | None = None) -> Quantity:
    """Read the words of one value exactly, in its base unit.

    Falls and shortfalls (下降, 少, 差) are negative changes, and their bounds turn with the sign: 下降5%以上 is ``<= -5``.
    Of several counts (9大类46项) the last one is the value; 52小时35分 is 3155 分钟. A ratio 1:3.5 is 3.5 with unit 比,
    the second number to one of the first. 百分之五 and 九成 are %, 千分之五 ‰, 万分之五 ‱; thirds are rounded to 4 decimals.
    每万人12张 and 人均5元 are 张/万人 and 元/人.

    head_unit: unit of the table head (``"万元"``), used where the words carry none.
    Raises QuantityError where there is no number or one longer than 80 characters.
    """
    compact = _compact(words)
    if len(compact) > LONGEST:
        raise QuantityError(f"{_quoted(compact[:20] + '…')}长 {len(compact)} 个字符；一个数值最多 {LONGEST} 个字符")
    bound = _BOUND.search(compact)
    body = compact[: bound.start()] if bound else compact
    each = [match[0].removeprefix("每") for match in _EACH_WORDS.finditer(body)]
    body = _EACH_WORDS.sub("", body)
    ratio = _RATIO.search(body)
    if ratio:
        lead, parts = body[: ratio.start()], [_ratio(words, ratio)]
    else:
        lead, parts = _parts(words, body)
    modifiers = [match[0] for match in _LEADING_WORDS.finditer(lead)]
    each += [PERIOD_OF[word] for word in modifiers if word in PERIOD_OF and not set(modifiers) & set(DIRECTIONS)]
    parts = _inherit(parts, head_unit)
    unit = parts[-1].unit + ("/" + "·".join(each) if each else "")
    relations = [RELATIONS[word] for word in modifiers if word in RELATIONS] + ([RELATIONS[bound[0]]] if bound else [])
    relations += [Relation.MORE for part in parts if part.more]
    signs = [DIRECTIONS[word] for word in modifiers if word in DIRECTIONS]
    return _quantity(parts, unit, relations[0] if relations else Relation.EQUAL, signs[0] if signs else None, words)


def _compact(words: str) -> str:
    """The words in one spelling: half width, without blanks and thousands commas."""
    plain = unicodedata.normalize("NFKC", words).replace("−", "-").replace("－", "-").replace("﹪", "%")
    return re.sub(rf"(?<={_FIGURE}),(?={_FIGURE}{{3}})", "", re.sub(r"\s+", "", plain))


def _quoted(words: str) -> str:
    """In Chinese quotation marks, on one line."""
    return f"“{''.join(character if character.isprintable() else ' ' for character in words)}”"


def _ratio(words: str, match: re.Match[str]) -> _Part:
    first, second = _decimal(words, match[1]), _decimal(words, match[2])
    if not first:
        raise QuantityError(f"{_quoted(words)}是与零相比，无法计算；比例的前一个数不能是 0")
    return _Part(_rounded(second, first), None, RATIO_UNIT, False, False)


def _rounded(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The quotient, exact where 4 decimals are enough or the divisor is 1."""
    if divisor == 1:
        return dividend
    return EXACT.quantize(EXACT.divide(dividend, divisor), Decimal("0.0001"))


def _decimal(words: str, figures: str) -> Decimal:
    plain = figures.translate({ord(look): digit for look, digit in LOOKALIKES.items()})
    if plain.count(".") > 1 or not plain.strip("."):
        raise QuantityError(f"{_quoted(words)}中的{_quoted(figures)}不是数；应为数字，最多含一个小数点")
    return Decimal(plain)


def _parts(words: str, body: str) -> tuple[str, list[_Part]]:
    """The words before the first number, and every number with its unit."""
    matches = list(_ARABIC.finditer(body)) or list(_CHINESE.finditer(body))
    if not matches:
        raise QuantityError(f"{_quoted(words)}中没有数；应含阿拉伯数字或中文数字")
    ends = [match.start() for match in matches[1:]] + [len(body)]
    parts: list[_Part] = []
    lead = body[: matches[0].start()]
    negative = lead.endswith("-")
    for match, end in zip(matches, ends, strict=True):
        rest = body[match.end() : end]
        connector = _CONNECTOR.search(rest) if end < len(body) else None
        parts.append(_part(words, match, rest[: connector.start()] if connector else rest, negative, connector is not None))
        negative = connector is not None and connector[0].endswith("-") and len(connector[0]) > 1
    return lead, parts


def _part(words: str, match: re.Match[str], unit: str, negative: bool, ranged: bool) -> _Part:
    if unit.startswith((".", "分之")):
        raise QuantityError(f"{_quoted(words)}中{_quoted(match['number'])}之后是{_quoted(unit)}；之后应为单位或另一个数")
    scale = match["scale"]
    power = POWERS[scale] if scale else None
    figures = match["number"]
    number = _decimal(words, figures) if match.re is _ARABIC else _chinese(figures)
    whole = match.groupdict().get("whole")
    if whole in PARTS_OF:
        unit = PARTS_OF[whole]
    elif whole:
        number, unit = _rounded(number.scaleb(2, EXACT), _chinese(whole)), "%"
    elif unit[:1] == "成":
        tenths = FIGURES.get(unit[1:], 0)
        number, unit = (number.scaleb(1, EXACT) + tenths), "%"
    elif figures in ("半", "一半") and not unit:
        number, unit = Decimal(50), "%"
    money = unit in MONEY_LOOKALIKES and (scale or figures[-1] in POWERS)
    unit = "元" if money else _canonical(unit)
    return _Part(number.copy_negate() if negative else number, power, unit, bool(match["more"] or match["more_after"]), ranged)


def _canonical(unit: str) -> str:
    return "/".join(ALIASES.get(name, name) for name in unit.removeprefix("个/").split("/"))


def _chinese(word: str) -> Decimal:
    """A numeral in characters, everyday or financial: 一千五百五十六万, 壹佰贰拾万, 两百五 (250), 九十四点五, 半."""
    whole, _, fraction = word.partition("点")
    half = Decimal("0.5") if whole.endswith("半") else Decimal(0)
    whole = whole.removesuffix("半") if whole != "一半" else ""
    total = section = figure = place = 0
    for character in whole:
        if character in FIGURES:
            figure = figure * 10 + FIGURES[character]
            place = 0 if FIGURES[character] == 0 else place
            continue
        if character not in PLACES:
            raise QuantityError(f"{_quoted(word)}不是数：其中有{_quoted(character)}；应为中文数字")
        place = PLACES[character]
        if place < 10**4:
            section += (figure or 1) * place
        elif place == 10**4:
            total += (section + figure or 1) * place
            section = 0
        else:
            total, section = (total + section + figure or 1) * place, 0
        figure = 0
    if place > 10 and 0 < figure < 10:  # 两百五: the figure counts the next lower place
        figure *= place // 10
    tail = "".join(str(FIGURES.get(character, 0)) for character in fraction)
    return EXACT.add(Decimal(f"{total + section + figure}.{tail or 0}"), half)


def _inherit(parts: list[_Part], head: str | None) -> list[_Part]:
    """Give parts without a unit that of the last one (3-5万元), or of the table head; add up 1亿2000万元."""
    last = parts[-1]
    if not last.unit and head:
        match = re.match(rf"({SCALE})?(.+)", _compact(head))
        if match and match[2]:
            power = last.power if last.power is not None or not match[1] else POWERS[match[1]]
            last = _Part(last.number, power, _canonical(match[2]), last.more, last.ranged)
    if len(parts) == 1:
        return [last]
    before = parts[-2]
    if before.ranged:
        same = not before.unit and before.power is None
        return [_Part(before.number, last.power if same else before.power, last.unit, before.more, True), last]
    if not before.unit and before.power is not None:
        return [_Part(EXACT.add(before.value, last.value), None, last.unit, last.more, False)]
    if before.unit == "小时" and last.unit in ("分", "分钟"):
        return [_Part(EXACT.add(before.value * 60, last.value), None, "分钟", last.more, False)]
    return [last]


def _quantity(parts: list[_Part], unit: str, relation: Relation, sign: int | None, words: str) -> Quantity:
    values = [part.value for part in parts]
    if sign == -1:
        values = [value.copy_negate() for value in values]
        relation = OPPOSITE.get(relation, relation)
    if sign is not None or unit == "百分点":
        kind = QuantityKind.CHANGE
    elif unit in SHARES:
        kind = QuantityKind.SHARE
    else:
        kind = QuantityKind.SCORE if unit == "分" else QuantityKind.LEVEL
    if len(values) == 2:
        low, high = sorted(values)
        return Quantity((low, high), unit, Relation.RANGE, kind, words)
    return Quantity(values[0], unit, relation, kind, words)


# ── And back ─────────────────────────────────────────────────────────────────────────────────────────────────────────

RELATION_WORDS = {
    Relation.EQUAL: "",
    Relation.RANGE: "",
    Relation.AT_LEAST: "不低于",
    Relation.MORE: "超过",
    Relation.AT_MOST: "不超过",
    Relation.LESS: "不足",
    Relation.ABOUT: "约",
}


def render(quantity: Quantity) -> str:
    """Write a quantity in words that `parse` reads as the same quantity (``text`` aside)."""
    relation, values = quantity.relation, [quantity.low, quantity.high][: 2 if quantity.relation is Relation.RANGE else 1]
    direction = ""
    if quantity.kind is QuantityKind.CHANGE:
        direction = "增长"
        if max(values) < 0:
            direction, values = "下降", sorted(value.copy_negate() for value in values)
            relation = OPPOSITE.get(relation, relation)
    unit = "个百分点" if quantity.unit == "百分点" else quantity.unit
    if unit == RATIO_UNIT:
        return f"{direction}{RELATION_WORDS[relation]}1:{plain(values[0])}"
    shortest = min(_power(value, quantity.unit) for value in values)
    numbers = "至".join(plain(value.scaleb(-shortest, EXACT)) for value in values)
    scale = next(word for word, power in POWERS.items() if power == shortest)
    return f"{direction}{RELATION_WORDS[relation]}{numbers}{scale}{unit}"


def _power(value: Decimal, unit: str) -> int:
    """The power of ten best taken out of a value: 0, 4 (万) or 8 (亿); only before units that are Chinese words."""
    if not "\u4e00" <= unit[:1] <= "\u9fff" or unit in ("百分点", "分"):
        return 0
    return next((power for power in (8, 4) if abs(value) >= 10**power), 0)


def plain(value: Decimal) -> str:
    """The number without an exponent and without zeros at its end."""
    return format(value.normalize(EXACT), "f")


# ── Table heads ──────────────────────────────────────────────────────────────────────────────────────────────────────

_HEAD_UNIT = rf"(?:人民币)?(?P<unit>{SCALE}?{BASE}{PER_UNIT})"
_DECLARED = re.compile(rf"单位{BLANK}{{0,2}}[:：]{BLANK}{{0,4}}{_HEAD_UNIT}")
_BRACKETED = re.compile(rf"[（(]{BLANK}{{0,2}}{_HEAD_UNIT}{BLANK}{{0,2}}[）)]")


def head_unit(text: str) -> str | None:
    """The unit a table head or note declares (单位：万元; 项目资金（万元）; （%）), None where it declares none."""
    match = _DECLARED.search(text) or _BRACKETED.search(text)
    return _compact(match["unit"]) if match else None
