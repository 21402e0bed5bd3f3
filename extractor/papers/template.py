"""How values are shown on a page, and the page filled with them: one file that asks for nothing and runs only its own script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from extractor import __version__
from extractor.overlay import COLOURS
from extractor.readers.own import WRITTEN_BY
from extractor.sheet import trust

if TYPE_CHECKING:
    from jinja2 import Environment, Template

WAN, YI = Decimal(10_000), Decimal(100_000_000)
# By `trust`, which is the CSS class of a probability as well.
WHOSE = {"": "读取较有把握，请核对报告", "doubtful": "先核对是否读错", "low": "多半是程序读错"}


def page(template: str, script: str, **values: Any) -> str:
    """A page filled with values; everything that comes from reports is text, never markup."""
    from markupsafe import Markup

    code = _source(script)
    return _template(template).render(
        style=Markup(_style()),
        script=Markup(code),
        policy=_policy(code),
        generator=f"{WRITTEN_BY} {__version__}",
        **values,
    )


@cache
def _template(name: str) -> Template:
    return _environment().from_string(_source(name))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {
        "share": share,
        "certainty": certainty,
        "width": width,
        "money": money,
        "trust": trust,
        "whose": lambda confidence: WHOSE[trust(confidence)],
        "numbers": numbers,
        "zip": zip,
    }
    return environment


@cache
def _source(name: str) -> str:
    return (files("extractor.papers") / name).read_text(encoding="utf-8")


@cache
def _style() -> str:
    colours = "".join(f"--{label.lower()}:{' '.join(map(str, colour))};" for label, colour in COLOURS.items())
    return f":root{{{colours}}}\n{_source('style.css')}"


@cache
def _policy(script: str) -> str:
    """What the browser may do: draw, and run the one script whose digest is given. It may fetch nothing."""
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = ("default-src 'none'", "img-src data:", "style-src 'unsafe-inline'", f"script-src 'sha256-{digest}'")
    return "; ".join((*allowed, "base-uri 'none'", "form-action 'none'"))


def share(value: Decimal | float, decimals: int = 0) -> str:
    """1 = 100 %, without zeros at the end."""
    shown = (Decimal(str(value)) * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{shown:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def certainty(confidence: float) -> str:
    """A probability in whole percent, cut off: nothing is quite certain."""
    return f"{min(99, int(100 * confidence))}%"


def width(value: Decimal | float) -> str:
    """A share as a length in CSS."""
    return f"{100 * float(value):.2f}%"


def money(yuan: Decimal) -> str:
    """Yuan in the unit that offices use for a sum of its size."""
    scale, unit = (YI, "亿元") if yuan >= YI else (WAN, "万元") if yuan >= WAN else (Decimal(1), "元")
    text = f"{(yuan / scale).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"
    return f"{text.rstrip('0').rstrip('.')}{unit}"


def numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)
