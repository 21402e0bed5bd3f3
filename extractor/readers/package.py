"""Office files as packages: what is refused before a library unpacks it."""

from __future__ import annotations

import io
import zipfile

from extractor.errors import ReadError

MAX_UNPACKED = 500 * 2**20  # of all files inside, pictures included: what a zip bomb is stopped by
MAX_XML = 100 * 2**20  # of one XML file inside, since its tree takes ten times as much memory
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Office files and of encrypted new ones
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def members(content: bytes) -> tuple[str, ...]:
    """Names of the files inside; none where the content is no package."""
    if not content.startswith(b"PK\x03\x04"):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return tuple(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ()


def check_package(content: bytes, name: str, *, kind: str, suffix: str) -> None:
    """Refuse what is no zip, or one that would unpack to more than we bear.

    kind: what the file should be, in Chinese. suffix: what to save it as.
    """
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise ReadError(f"{name}：文件有密码保护；请取消密码后另存")
        raise ReadError(f"{name}：是旧版 Office 文件（.doc 或 .ppt）；请另存为 {suffix}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            files = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ReadError(damaged(name, kind=kind, suffix=suffix)) from error
    unpacked = sum(file.file_size for file in files)
    largest = max((file.file_size for file in files if file.filename.lower().endswith((".xml", ".rels"))), default=0)
    for size, limit in ((unpacked, MAX_UNPACKED), (largest, MAX_XML)):
        if size > limit:
            raise ReadError(f"{name}：解压后有 {size / 2**20:,.0f} MB；最多读取 {limit // 2**20} MB")


def damaged(name: str, *, kind: str, suffix: str) -> str:
    """What to say of a file that a library cannot open."""
    return f"{name}：不是 {kind}或已损坏；需要完整的 {suffix} 文件"
