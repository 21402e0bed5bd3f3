"""Measure a model: python evaluate.py [--model A] [--against B] [--html FILE] [--json] [--errors] [--add DIR] [REPORT ...].

Without reports, those named in annotations/heldout.txt are read; --add reads further ones beside them, such as their twins from
paper, so that both stand side by side. Reports may be in any format that `extractor annotations import` takes: files or folders
with our marks, doccano, Label Studio, brat, spaCy, datasets. A score counts exact answers only: a mention is right when label and
both borders are, a link when both its ends are, a record when all its mentions are; ``value`` are the mentions with a number,
``worth`` asks only that the number is the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from extractor.accuracy import page
from extractor.accuracy.learning import CURVE, FOLDS, load_curve, load_folds
from extractor.accuracy.measure import measure
from extractor.accuracy.table import table
from extractor.annotations import divide, load_all, read
from extractor.errors import AnnotationError, ExtractorError
from extractor.types import Example

ROOT = Path(__file__).parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", type=Path, nargs="*", help="annotated files or folders (default: the held-out reports)")
    parser.add_argument("--model", default="default", help="name or directory of a model (default: %(default)s)")
    parser.add_argument("--against", metavar="MODEL", help="another model to compare with on the same reports")
    parser.add_argument(
        "--add",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="measure these beside the held-out reports (repeatable)",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write the accuracy report, one page in Chinese")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--errors", action="store_true", help="list every error in its sentence")
    return parser.parse_args()


def chosen(reports: list[Path], added: list[Path]) -> list[Example]:
    """The reports named, or the held-out ones of annotations/, and those added."""
    examples = [example for path in (*reports, *added) for example in read(path)]
    if not reports:
        own = load_all(ROOT / "annotations" / "reports")
        examples = divide(own, ROOT / "annotations" / "heldout.txt")[1] + examples
    twice = [name for name, n in Counter(example.name for example in examples).items() if n > 1]
    if twice:
        raise AnnotationError(f"{', '.join(twice)}: given twice; every report counts once, by its file's name")
    return examples


def main() -> int:
    args = arguments()
    try:
        if args.html and not args.html.parent.is_dir():
            raise ExtractorError(f"{args.html.parent}: no such folder; --html writes into one that exists")
        if args.html and args.html.is_dir():
            raise ExtractorError(f"{args.html}: a folder; --html names a file")
        curve, folds = load_curve(ROOT / "benchmarks" / CURVE), load_folds(ROOT / "benchmarks" / FOLDS)
        accuracy = measure(args.model, chosen(args.reports, args.add), against=args.against, curve=curve, folds=folds)
        if args.html:
            page.write(accuracy, args.html)
    except ExtractorError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"evaluate.py: {error.filename or 'disk'}: {error.strerror or error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(accuracy.to_dict(), ensure_ascii=False, indent=1))
        return 0
    print(table(accuracy))
    if args.errors:
        print(*(mistake.line() for mistake in accuracy.mistakes), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
