"""Split text of unknown encoding into lines; no line is lost, whatever bytes the text has."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from organode.errors import UsageError
from organode.library.formats.encodings import (
    SINGLE_BYTE,
    encoding_of,
    is_plainly_utf8,
    is_utf8,
)
from organode.utils.progress import say

BLOCK = 1 << 20  # bytes
LONGEST = 1 << 22  # bytes of a line; the rest is cut off and replaced by `CUT`
CUT = b" [cut: the line is longer than 4 MiB]"
BOM = "\ufeff"
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Lines:
    """The lines of a stream without their line ends.

    A line ends at LF, CR LF or CR only; other line ends of Unicode and `str.splitlines` (form feed,
    U+0085, U+2028 …) are part of a line.

    Parameters
    ----------
    stream : binary file
        Bytes of the text; the stream is read to its end, in blocks.
    encoding : str, optional
        Encoding of the text. By default it is UTF-16 if the stream begins with the byte order mark
        of UTF-16; UTF-8 if the first block that is not ASCII is mostly UTF-8; otherwise the most
        plausible encoding of that block. A line that is not valid in this encoding is decoded in
        another encoding.

    Attributes
    ----------
    detected : str
        Description of the detected encoding, such as ``cp949``; empty if `encoding` was stated, if
        all lines so far are UTF-8, or if the encoding is not known yet.

    Raises
    ------
    UsageError
        If Python does not know `encoding`, or `encoding` is not an encoding of text.
    """

    def __init__(self, stream: BinaryIO, encoding: str | None = None) -> None:
        if encoding is not None:
            try:
                "a\r\n".encode(encoding).decode(encoding)
            except (LookupError, UnicodeError):
                raise UsageError(
                    f"no encoding '{encoding}': name one that Python knows, such as utf-8, "
                    "latin-1, cp949 or gb18030"
                ) from None
        self.detected = ""
        self._stream = stream
        self._encoding = encoding
        # `_usual`: the encoding of most lines, empty while unknown. `_other`: if that is UTF-8, the
        # encoding of lines that are not. UTF-16 and UTF-32 are converted to UTF-8 before.
        self._usual = encoding if encoding is not None and _is_ascii_like(encoding) else ""
        self._other = ""
        self._begun = False

    def __iter__(self) -> Iterator[str]:
        """Yield the decoded lines of the stream."""
        for block in _whole_lines(self._blocks()):
            texts = self._decoded(block)
            if not self._begun:
                texts[0] = texts[0].removeprefix(BOM)
            yield from texts
            self._begun = True

    def encoding_notes(self, setting: str) -> list[str]:
        """Return a list with a note on the detected encoding, or an empty list if there is none.

        The note names `setting`, the option by which the user can state another encoding.
        """
        return [f"text read as {self.detected} (another by {setting})"] if self.detected else []

    def _decoded(self, block: bytes) -> list[str]:
        if block.isascii():
            return block.decode().split("\n")
        if self._usual in ("", "utf-8"):
            try:
                texts = block.decode().split("\n")
            except UnicodeDecodeError:
                self._decide(block)
            else:
                self._usual = "utf-8"
                return texts
        return [self._line(line) for line in block.split(b"\n")]

    def _decide(self, block: bytes) -> None:
        if self._usual and (self._other or self._encoding):
            return
        lines = [line for line in block.split(b"\n") if not line.isascii()]
        others = [line for line in lines if not is_utf8(line)]
        if not self._usual and sum(map(is_plainly_utf8, lines)) < len(others):
            self._usual = self.detected = encoding_of(lines)
        else:
            self._usual, self._other = "utf-8", encoding_of(others)
            self.detected = f"utf-8, and as {self._other} where it is not that"
        if self._begun:
            _print_once(getattr(self._stream, "name", "further down"), self.detected)

    def _line(self, line: bytes) -> str:
        if line.isascii():
            return line.decode()
        # Nearly any bytes are valid in a single-byte encoding, so UTF-8 has to be tried first.
        if self._usual in SINGLE_BYTE and not self._encoding and is_plainly_utf8(line):
            return line.decode()
        for encoding in (self._usual, "utf-8", self._other, "cp1252"):
            try:
                return line.decode(encoding or "utf-8")
            except UnicodeDecodeError:
                continue
        return line.decode("latin-1")  # decodes any bytes

    def _blocks(self) -> Iterator[bytes]:
        """Yield the stream's bytes in blocks; UTF-16 and UTF-32 are converted to UTF-8."""
        stream, encoding = self._stream, self._encoding
        block = stream.read(BLOCK)
        wide = encoding if encoding and not _is_ascii_like(encoding) else None
        if wide is None and encoding is None and block.startswith(UTF16):
            wide = self.detected = "utf-16"
        if wide is None:
            while block:
                yield block
                block = stream.read(BLOCK)
            return
        if not block.startswith(MARKS):  # without a byte order mark these decoders fail
            wide = {"utf_16": "utf-16-le", "utf_32": "utf-32-le"}.get(
                codecs.lookup(wide).name.replace("-", "_"), wide
            )
        decoder = codecs.getincrementaldecoder(wide)(errors="replace")
        while block:
            yield decoder.decode(block).encode()
            block = stream.read(BLOCK)
        yield decoder.decode(b"", final=True).encode()


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Join blocks of bytes and divide them anew into blocks of complete lines.

    Lines are separated by LF; the last line of a block has no LF. A line that is too long is cut.
    """
    rest = bytearray()
    ends_in_cr = False
    dropping = False  # whether the rest of a line that is too long is being skipped
    for block in blocks:
        if ends_in_cr and block.startswith(b"\n"):
            block = block[1:]  # noqa: PLW2901 (a CR LF may be split between blocks)
        ends_in_cr = block.endswith(b"\r")
        if not block:
            continue
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # noqa: PLW2901
        last = block.rfind(b"\n")
        if last < 0:
            if not dropping:
                rest += block
                dropping = len(rest) > LONGEST
            continue
        if dropping:
            end = block.find(b"\n")
            yield _cut(rest)
            if last > end:
                yield block[end + 1 : last]
        else:
            rest += block[:last]
            yield bytes(rest)
        rest = bytearray(block[last + 1 :])
        dropping = False
    if rest:
        yield _cut(rest)


@cache
def _print_once(where: str, encoding: str) -> None:
    """Print which encoding was detected after the first block of a file, once for each file."""
    say(f"{where}: text behind the first MiB read as {encoding}")


def _cut(line: bytearray) -> bytes:
    return bytes(line) if len(line) <= LONGEST else bytes(line[:LONGEST]) + CUT


def _is_ascii_like(encoding: str) -> bool:
    """Return whether line ends have the same bytes in an encoding as in ASCII."""
    return "\r\n".encode(encoding) == b"\r\n"
