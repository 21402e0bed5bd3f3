"""Annotated reports: our inline marks are the centre, every other format is one file that turns into `Example`s and back.

marks, doccano, label_studio, brat, docbin, conll, hf_datasets    one format each
links        records as links between mentions, which is what annotation tools can draw
strict_json  JSON that loses nothing on the way in
validity     what every annotated report must keep, whatever it was written in
formats      which format a file has; reading and writing by format
collection   the folder of marked reports: reading all, adding to it
check, agree, drafts, suggest    what annotators get wrong, how far two agree, what to annotate next
"""

from extractor.annotations.collection import divide, held_out_names, load_all, split
from extractor.annotations.formats import read
from extractor.annotations.marks import load, parse, render

__all__ = ["divide", "held_out_names", "load", "load_all", "parse", "read", "render", "split"]
