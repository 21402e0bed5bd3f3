"""The house keeps its order: who may import whom, and what is not loaded before it is needed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "extractor"

# A module imports only from rows above its own; modules of one row do not know each other.
ROWS = (
    ("types", "errors", "schema", "trees", "reliability", "file_names"),
    ("ocr", "headings", "text_order", "places", "stated", "habits", "aside"),
    ("output", "readers", "tags", "segment", "words", "quantity", "periods", "metrics"),
    ("sheet", "results", "lattice", "link_scene", "annotations", "sampling"),
    (
        "finding_sheet",
        "spreadsheet",
        "overlay",
        "cutouts",
        "rules",
        "tagger",
        "habit_training",
        "augment",
        "link_features",
        "tables",
        "corpus",
        "vocabulary",
        "gate",
    ),
    ("subject",),
    ("workbook", "dataset", "workpaper", "link", "confidence", "findings", "exchange", "beside", "card", "proposals", "twins"),
    ("papers",),
    ("export", "comparison", "gold", "pipeline", "link_training", "onnx_export", "quantisation", "attention"),
    ("training", "spacy_component"),
    ("course", "adaptation"),
    ("building",),
    ("accuracy",),
    ("__init__",),
    ("files", "terminal", "options"),
    ("annotating", "reviewing"),
    ("cli",),
)
RANK = {module: rank for rank, row in enumerate(ROWS) for module in row}
# Imports against the order, inside a function, and why.
EXCEPTIONS = {("types", "output")}  # Result.to_dict hands itself to the contract's writer
# A third party stays with the modules that know it.
HOMES = {
    "PIL": {"readers", "overlay", "papers", "twins", "cutouts"},
    "charset_normalizer": {"readers"},
    "cv2": {"ocr"},
    "datasets": {"training", "building", "annotations"},
    "docx": {"readers", "workpaper"},
    "docxtpl": {"workpaper"},
    "duckdb": {"dataset"},
    "jieba": {"words"},
    "jinja2": {"accuracy", "papers", "workpaper"},
    "lxml": {"readers"},
    "nervaluate": {"accuracy"},
    "onnx": {"onnx_export"},
    "onnxruntime": {"tagger", "onnx_export"},
    "openpyxl": {"spreadsheet", "workbook", "readers"},
    "pypdfium2": {"readers"},
    "rapidocr": {"ocr"},
    "rapidfuzz": {"comparison", "link_scene", "link_features", "tables", "twins"},
    "rich": {"cli", "reviewing", "terminal"},
    "scipy": {"link"},
    "seqeval": {"accuracy"},
    "sklearn": {"confidence", "trees"},
    "spacy": {"words", "rules", "spacy_component", "annotations"},
    "tokenizers": {"tagger"},
    "torch": {"training", "attention", "quantisation", "course", "adaptation", "onnx_export"},
    "transformers": {"training", "attention", "vocabulary", "adaptation", "onnx_export"},
    "typer": {"annotating", "cli", "options", "reviewing", "terminal"},
    "xlrd": {"readers"},
}
HEAVY = (
    "PIL",
    "cv2",
    "datasets",
    "docxtpl",
    "duckdb",
    "jieba",
    "numpy",
    "onnxruntime",
    "openpyxl",
    "rapidocr",
    "scipy",
    "spacy",
    "torch",
    "transformers",
)
TRAINING = ("datasets", "onnx", "sklearn", "torch", "transformers")


def module_of(path: Path) -> str:
    """The row's name of a file: its first part below the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rows_above(path: Path) -> None:
    module = module_of(path)
    assert module in RANK, f"{module} has no row yet: say in ROWS where it stands"
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("extractor.")} - {module}
    known = {name if name in RANK else "__init__" for name in ours - {"__version__"}}
    wrong = {name for name in known if RANK[name] >= RANK[module] and (module, name) not in EXCEPTIONS}
    assert not wrong, f"{module} (row {RANK[module]}) imports {sorted(wrong)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_third_parties_stay_at_home(path: Path) -> None:
    module = module_of(path)
    foreign = {name.split(".")[0] for name in imports(path)} & set(HOMES)
    assert not {name for name in foreign if module not in HOMES[name]}


def test_the_architecture_names_every_module_once() -> None:
    text = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| module |")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+/?)`", row.split("|")[1])]
    modules = [path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"]
    packages = [f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")]
    assert sorted(named) == sorted(modules + packages)


@pytest.mark.parametrize("module", ["extractor", "extractor.cli", "extractor.types", "extractor.export"])
def test_nothing_heavy_is_loaded_by_an_import(module: str) -> None:
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert found.stdout.split() == []


def test_extracting_needs_nothing_of_the_training_libraries() -> None:
    code = f"import sys, extractor.pipeline; print(*(name for name in {TRAINING} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert found.stdout.split() == []
