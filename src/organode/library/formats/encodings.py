"""Detect the encoding of a text that is not UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from itertools import groupby

SAMPLE = 1 << 16  # bytes of text, about, that are examined
# The most frequent Korean syllables and Chinese characters, in general and in chemical words. The
# encodings of both languages use the same bytes, and only such frequencies distinguish them.
KOREAN = frozenset(
    "가간값개거것경계고공과관교구국군그글금급기나남내네년노논농뇨뉴니닐다단달당대데도독동되된두"
    "드들등디라락란람량레렌력련로록론료루류륨르를름리린릴림마만매면명모목무문물미민바반발방번법"
    "베벤변별보복본부분브비사산삼상색생서석선설성세센셀소속수순술스시식신실심싸아안알암압액야양"
    "어억업에엔여역연열염영예오옥온올와완용우운원월위유육은을음응의이인일임입자작장재저적전정제"
    "젠조족졸종주준중즈증지진질집차참책처천체초총최추출측층치칠카칼커케코콜쿠퀴크클키타탁탄탈터"
    "테텐토톤톨통튬트특티틸틴파판펜페포폴표푸퓨품프플피핀필하학한할합해향험헥현형호화환황회후흡히"
)
CHINESE = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下"
    "过子说产种面而方后多定行学法所民得经十三二四五六七八九之进着等部度家电力里如水化高自理起小"
    "物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政日那社义事平形相全表间"
    "样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条没结解问意建月公无系军很情者"
    "最立代想已通并提直题党程展料名称编号结构分子式溶剂品备注位氧还苯酮酸醇醌基甲乙丙丁戊己庚"
    "辛氯溴氟碘氮硫磷胺酯醚醛烷烯炔环硝氨酚萘蒽菲芘吡啶噻吩呋喃咪唑嘧嗪哌吲哚喹啉联钠钾锂铵羟"
    "羧羰酰腈糖碳氢硅硼邻间对衍生异正叔仲单双测试结果液固白色黄红蓝紫绿黑"
)
SINGLE_BYTE = ("cp1252", "cp1251", "koi8-r")
SYMBOLS = frozenset("°µ±²³¹·–—‘’“”„…•™®©×÷«»§¼½¾€‰ªº¿¡´\xa0№")


def encoding_of(lines: Sequence[bytes]) -> str:
    """Return the most plausible encoding of some lines; cp1252 if no encoding is plausible.

    The candidates are the keys of `SCORES`: Western (cp1252), Korean (cp949), Chinese (gb18030),
    Japanese (Shift JIS) and Cyrillic (cp1251, koi8-r) encodings.

    Parameters
    ----------
    lines : sequence of bytes
        Lines with bytes beyond ASCII, of which at least one is not valid UTF-8.
    """
    sample, size = [], 0
    for line in lines:
        sample.append(line[:SAMPLE])
        size += len(sample[-1])
        if size > SAMPLE:
            break
    return max(SCORES, key=lambda encoding: sum(_score(line, encoding) for line in sample))


def is_utf8(line: bytes) -> bool:
    """Return whether a line is valid UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_plainly_utf8(line: bytes) -> bool:
    """Return whether a line is valid UTF-8 and unlikely to be so by chance.

    The Latin-1 bytes of ``Å²``, for example, are also the UTF-8 bytes of the rare letter ``Ų``. So
    the function returns False for a line that, read as UTF-8, has letters from U+0100 to U+036F.
    """
    return is_utf8(line) and not any("\u0100" <= letter <= "\u036f" for letter in line.decode())


def _score(line: bytes, encoding: str) -> float:
    """Return about how many bytes of a line are plausible text in an encoding; 0 if invalid."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(
            line
        )  # a sample may end within a character
    except UnicodeDecodeError:
        return 0.0
    return SCORES[encoding](text)


def _korean(text: str) -> float:
    return _two_byte_score(text, KOREAN, "euc_kr", 0xC8)


def _chinese(text: str) -> float:
    return _two_byte_score(text, CHINESE, "gb2312", 0xD7)


def _two_byte_score(text: str, common: frozenset[str], standard: str, last: int) -> float:
    """Return the score of a text in an encoding with two bytes for each character.

    The score is a sum over the characters: 2 for a character in `common`, and 0.6 for any other
    that is neither ASCII nor rare. A character is rare if its first byte in the encoding `standard`
    is above `last`, or `standard` does not contain the character.
    """
    score = 0.0
    for letter in text:
        if letter in common:
            score += 2
        elif letter > "\x7f":
            code = letter.encode(standard, "ignore")
            score += 0.6 if code and code[0] <= last else 0
    return score


def _japanese(text: str) -> float:
    kana = sum("\u3041" <= letter <= "\u30ff" for letter in text)
    return 2 * kana + 0.6 * sum("\u4e00" <= letter <= "\u9fff" for letter in text)


def _cyrillic(text: str) -> float:
    score = 0.5 * sum(letter in SYMBOLS for letter in text)
    for word in re.findall(r"[^\W\d_]+", text):
        if re.fullmatch("[А-ЯЁ]?[а-яё]{2,}", word):
            score += len(word)
        elif re.fullmatch("[А-Яа-яЁё]+", word):
            score += 0.4 * len(word) if len(word) < 3 or word.isupper() else 0
    return score


def _latin(text: str) -> float:
    score = 0.0
    for is_high, letters in groupby(text, lambda letter: letter > "\x7f"):
        run = list(letters) if is_high else []
        weight = (0.0, 1.0, 0.8)[len(run)] if len(run) < 3 else 0.1
        score += weight * sum(letter in SYMBOLS or letter.isalpha() for letter in run)
    return score


SCORES: dict[str, Callable[[str], float]] = {
    "cp1252": _latin,
    "cp949": _korean,
    "gb18030": _chinese,
    "shift_jis": _japanese,
    "cp1251": _cyrillic,
    "koi8-r": _cyrillic,
}
