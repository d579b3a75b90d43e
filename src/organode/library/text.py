"""Lines of text that nobody has checked: every line keeps its place, whatever is in it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from organode.errors import UsageError

BLOCK = 1 << 20  # bytes
LONGEST = 1 << 22  # bytes of a line; what is behind them is dropped, and the line says so
CUT = b" [cut: the line is longer than 4 MiB]"
BOM = "\ufeff"
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lines(stream: BinaryIO, encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of a stream without their ends.

    A line ends at LF, CR LF or CR and nowhere else: what else Unicode or `str.splitlines` call a
    line end (form feed, U+0085, U+2028 …) is part of a line.

    Parameters
    ----------
    stream : binary file
        Read to its end, in blocks.
    encoding : str, optional
        Of the text. When omitted: UTF-16 where the stream begins with its mark, UTF-8 where a line
        is that, else what `decode` makes of the line.

    Raises
    ------
    UsageError
        If there is no such encoding.
    """
    if encoding is not None:
        try:
            "a\r\n".encode(encoding).decode(encoding)
        except (LookupError, UnicodeError):
            raise UsageError(
                f"no encoding '{encoding}': name one that Python knows, such as utf-8, latin-1, "
                "cp949 or gb18030"
            ) from None
    wide = encoding is not None and not _is_ascii_like(encoding)
    expected = "utf-8" if encoding is None or wide else encoding
    guess = "" if wide else encoding or ""
    first = True
    for block in _whole_lines(stream, encoding):
        try:
            texts = block.decode(expected).split("\n")
        except UnicodeDecodeError:
            texts = []
            for line in block.split(b"\n"):
                text, guess = decode(line, guess)
                texts.append(text)
        if first:
            texts[0] = texts[0].removeprefix(BOM)
            first = False
        yield from texts


def _whole_lines(stream: BinaryIO, encoding: str | None) -> Iterator[bytes]:
    """Yield blocks of whole lines, separated by LF, the last line of a block without its end."""
    rest = bytearray()
    ends_in_cr = False
    dropping = False  # the rest of a line that is too long
    for block in _blocks(stream, encoding):
        if ends_in_cr and block.startswith(b"\n"):
            block = block[1:]  # noqa: PLW2901 (the LF of a CR LF that two blocks share)
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


def _cut(line: bytearray) -> bytes:
    return bytes(line) if len(line) <= LONGEST else bytes(line[:LONGEST]) + CUT


def _blocks(stream: BinaryIO, encoding: str | None) -> Iterator[bytes]:
    """Yield the stream's bytes, UTF-16 and UTF-32 as UTF-8."""
    block = stream.read(BLOCK)
    wide = encoding if encoding and not _is_ascii_like(encoding) else None
    if wide is None and encoding is None and block.startswith(UTF16):
        wide = "utf-16"
    if wide is None:
        while block:
            yield block
            block = stream.read(BLOCK)
        return
    if not block.startswith(MARKS):  # Python's utf-16 and utf-32 ask for a mark
        wide = {"utf_16": "utf-16-le", "utf_32": "utf-32-le"}.get(
            codecs.lookup(wide).name.replace("-", "_"), wide
        )
    decoder = codecs.getincrementaldecoder(wide)(errors="replace")
    while block:
        yield decoder.decode(block).encode()
        block = stream.read(BLOCK)
    yield decoder.decode(b"", final=True).encode()


def _is_ascii_like(encoding: str) -> bool:
    """Return whether line ends are single bytes in an encoding."""
    return "\r\n".encode(encoding) == b"\r\n"


def decode(line: bytes, guess: str = "") -> tuple[str, str]:
    """Decode a line of unknown encoding.

    A detector that looks at letter frequencies needs more text than one molecule's name. Here the
    scripts decide: bytes that are Korean, Japanese or Chinese in their usual encodings are hardly
    ever sensible Latin text.

    Parameters
    ----------
    line : bytes
        Without its end.
    guess : str
        The encoding that an earlier line of the same file turned out to have.

    Returns
    -------
    text : str
        The line; its length in lines never changes.
    guess : str
        The encoding for the next call.
    """
    try:
        return line.decode(), guess
    except UnicodeDecodeError:
        pass
    for subset, encoding in [(guess, guess), *SCRIPTS.items()] if guess else SCRIPTS.items():
        try:
            text = line.decode(subset)
        except UnicodeDecodeError:
            continue
        if encoding == guess or _is_script(text, encoding):
            return text, encoding
    try:
        return line.decode("cp1252"), guess
    except UnicodeDecodeError:
        return line.decode("latin-1"), guess  # reads any bytes


# Encodings in which many tables still come, under what their text is recognised by: extended Korean
# takes a Latin letter for half of a syllable.
SCRIPTS = {"euc_kr": "cp949", "shift_jis": "shift_jis", "gb18030": "gb18030"}
HANGUL, KANA, HAN = ("\uac00", "\ud7a3"), ("\u3041", "\u30ff"), ("\u4e00", "\u9fff")


def _is_script(text: str, encoding: str) -> bool:
    letters = [letter for letter in text if letter > "\x7f"]
    if encoding == "cp949":
        return all(_between(letter, HANGUL) for letter in letters)
    if encoding == "shift_jis":
        return all(_between(letter, KANA) for letter in letters)
    # Two accented letters in a row may be one Chinese character; four are hardly ever two.
    pairs = any(_between(a, HAN) and _between(b, HAN) for a, b in pairwise(text))
    return pairs and all(_between(letter, HAN) for letter in letters)


def _between(letter: str, script: tuple[str, str]) -> bool:
    return script[0] <= letter <= script[1]
