"""The model card: what a model is, where it comes from, what it was measured at. Plain Markdown beside the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.corpus import Corpus
from extractor.metrics import Scores

CARD = """# {name} {version}

Finds indicators, targets, achieved values and amounts of money in Chinese budget performance self-evaluation reports
(绩效自评报告) and links them into records. `extractor.load("{name}")` loads all of it; the tagger alone is an
`AutoModelForTokenClassification` directory (tags {tags}).

| file | what |
| --- | --- |
| `model.safetensors`, `config.json`, `tokenizer.json` | the tagger's weights, float16 |
| `model.int8.onnx` | the same with dynamic int8 weights: what extraction runs on |
| `habits.json`, `habits.npz` | how the annotated reports cut names: counts of words at borders, and trees that judge them |
| `linker.json`, `linker.npz` | the linker: boosted trees as plain arrays |
| `confidence.json` | calibration of the confidences |
| `training.json`, `metrics.json` | how it was trained; reports learned from and measured on, all scores |

The tagger reads one passage as `headings>joined[SEP]text of the passage`, with line breaks as `↵`.

## Origin and licence

Fine-tuned from the encoder `{encoder}` (its README tells origin and licence) on {n_learned} annotated reports,
{n_characters:,} characters.
{origin}

## Measured

On {n_measured} held-out reports of our own (`annotations/heldout.txt`), exact matches only: a mention is right when its label
and both borders are, a link when both its ends are, a record when all its mentions are.

{table}

## Limits

Reports of other kinds than those in `annotations/`, and scanned ones, will do worse. Results without a number are not marked.
Confidences were fitted on the held-out reports; they hold for reports like those.
"""

OWN = """All of them stand in `annotations/`, written for this project with fictitious places. Apache-2.0. Real reports were never
trained on."""
ADDED = """{n_added} of them were added by whoever trained this model ({added}); the others stand in `annotations/`, written for
this project with fictitious places."""


def card(name: str, version: str, tags: Sequence[str], encoder: str, corpus: Corpus, reached: Mapping[str, Scores]) -> str:
    """The card's text; ``reached`` are counts on the measured reports by name."""
    return CARD.format(
        name=name,
        version=version,
        tags=", ".join(f"`{tag}`" for tag in tags),
        encoder=encoder,
        n_learned=len(corpus.learned),
        n_characters=sum(len(example.text) for example in corpus.learned),
        origin=ADDED.format(n_added=len(corpus.added), added=", ".join(corpus.added)) if corpus.added else OWN,
        n_measured=len(corpus.measured),
        table=table(reached),
    )


def table(reached: Mapping[str, Scores]) -> str:
    """Counts as a Markdown table of precision, recall and F1."""
    rows = ["| | precision | recall | F1 |", "| --- | --- | --- | --- |"]
    for name, count in reached.items():
        ratios = ("–" if ratio is None else f"{ratio:.3f}" for ratio in (count.precision, count.recall, count.f1))
        rows.append(f"| {name} | {' | '.join(ratios)} |")
    return "\n".join(rows)
