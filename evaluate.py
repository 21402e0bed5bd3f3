"""Measure a model: python evaluate.py [--model NAME] [REPORT ...] [--json].

Without reports, those named in annotations/heldout.txt are read. A report is a marked text file or a folder of them. A
score counts exact answers only: a mention is right when label and both borders are, a link when both its ends are, a record
when all its mentions are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from extractor import load, metrics
from extractor.annotations import held_out_names, load_all, split, walk
from extractor.building import answers_of, scores, summary_of
from extractor.errors import ExtractorError
from extractor.types import Example

ROOT = Path(__file__).parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", type=Path, nargs="*", help="marked reports or folders (default: the held-out ones)")
    parser.add_argument("--model", default="default", help="name or directory of a model (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--errors", action="store_true", help="list every wrong mention in its sentence")
    return parser.parse_args()


def chosen(reports: list[Path]) -> list[Example]:
    """The reports named, or the held-out ones of annotations/."""
    if reports:
        return list(walk(reports))
    examples = load_all(ROOT / "annotations" / "reports")
    return split(examples, held_out_names(ROOT / "annotations" / "heldout.txt"))[1]


def table(reached: Mapping[str, metrics.Scores]) -> str:
    """The scores as aligned lines."""
    lines = [f"{'':16}{'precision':>10}{'recall':>10}{'F1':>10}{'right':>8}{'surplus':>9}{'missed':>8}"]
    for name, count in reached.items():
        ratios = "".join(
            f"{'–' if ratio is None else format(ratio, '.4f'):>10}" for ratio in (count.precision, count.recall, count.f1)
        )
        lines.append(f"{name:16}{ratios}{count.tp:>8}{count.fp:>9}{count.fn:>8}")
    return "\n".join(lines)


def main() -> int:
    args = arguments()
    try:
        examples = chosen(args.reports)
        given = list(answers_of(load(args.model), examples))
    except ExtractorError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    reached = scores(given)
    if args.json:
        print(json.dumps({name: summary_of(count) for name, count in reached.items()}, indent=1))
        return 0
    print(f"model {args.model}, {len(examples)} reports, {sum(len(example.text) for example in examples)} characters")
    print(table(reached))
    if args.errors:
        for answer in given:
            print("\n".join(answer.errors()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
