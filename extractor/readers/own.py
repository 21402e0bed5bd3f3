"""Files that this program wrote itself: they say so, and are no reports."""

from __future__ import annotations

import io
import re
import zipfile

WRITTEN_BY = "jixiao-extractor"  # the category among the properties of an Office file, the generator of a page
HEAD = 1000  # bytes of a page in which its generator stands
PROPERTIES = "docProps/core.xml"
MAX_PROPERTIES = 2**16  # bytes; usually there are some hundred
CATEGORY = re.compile(rf"<(?:\w+:)?category[^<>]*>\s*{WRITTEN_BY}\s*<".encode())


def is_own(content: bytes) -> bool:
    """Whether a workbook, a Word file or a page says that this program wrote it, whatever people have added since."""
    if not content.startswith(b"PK\x03\x04"):
        return f'content="{WRITTEN_BY}'.encode() in content[:HEAD]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(PROPERTIES) as properties:
            return CATEGORY.search(properties.read(MAX_PROPERTIES)) is not None
    except Exception:  # no properties, or a damaged package, which its reader tells of: zipfile and zlib fail in many ways
        return False
