"""How fast results become papers: python benchmarks/papers.py annotations/reports [--n 1000].

Gold results of the annotated reports, repeated until there are as many as asked for, are first written as results.jsonl and
then turned into pages and an overview, as `extractor papers` does it, in one process. Prints the seconds, the size, and
the highest memory after half of the reports and after all of them (Linux only): it should hardly grow.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from extractor.annotations import load_all
from extractor.findings import BUILT_IN, check
from extractor.gold import gold_result
from extractor.output import from_dict, to_json
from extractor.papers import PAPERS, open_papers


def write_results(reports: Path, n: int, path: Path) -> None:
    """Write n results, each under a name of its own."""
    results = [check(*gold_result(example), BUILT_IN) for example in load_all(reports)]
    with path.open("wb") as file:
        for number, result in enumerate(islice(cycle(results), n), start=1):
            renamed = replace(result, document=replace(result.document, source=f"{result.document.source} {number}.txt"))
            file.write(to_json(renamed) + b"\n")


def peak() -> int:
    """The highest memory of this process so far, in MiB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def reset_peak() -> None:
    """Begin to measure anew: what was needed to make the results does not count."""
    memory = Path("/proc/self/clear_refs")
    if memory.exists():
        memory.write_text("5", encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--n", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_results(arguments.reports, arguments.n, folder / "results.jsonl")
        reset_peak()
        start = time.perf_counter()
        halfway = 0
        with open_papers(folder) as papers, (folder / "results.jsonl").open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                papers.add(from_dict(json.loads(line)))
                if number == arguments.n // 2:
                    halfway = peak()
        seconds = time.perf_counter() - start
        size = sum(page.stat().st_size for page in (folder / PAPERS).iterdir())
        print(f"{arguments.n} results in {seconds:.1f} s, {1000 * seconds / arguments.n:.1f} ms each, {size / 2**20:.0f} MiB")
        print(f"highest memory: {halfway} MiB after half, {peak()} MiB after all")


if __name__ == "__main__":
    main()
