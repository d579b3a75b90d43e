import pytest

from organode.utils.config.yamlfile import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_VALUES,
    YamlError,
    read_yaml,
)


def bomb(levels: int, text: str = "[{}]") -> str:
    """A few lines that unfold to 9 to the power of `levels` values."""
    lines = ["a0: &a0 [lol, lol]"]
    for level in range(1, levels):
        inside = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} " + text.format(inside))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (bomb(9), ["(line 5)", f"more than {MAX_VALUES:,} values"]),
        (bomb(40), ["(line 5)", "aliases unfold"]),
        (bomb(12, "{{<<: [{}]}}").replace("[lol, lol]", "{x: 1}"), ["aliases unfold"]),
        ("a: &a [1, *a]", ["(line 1)", "'a' is inside the value that it names"]),
        ("a: &a {b: {c: *a}}", ["'a' is inside"]),
        ("[" * 30_000, ["(line 1)", f"deeper than {MAX_DEPTH} levels"]),
        ("a: " + "{a: " * 10_000, [f"deeper than {MAX_DEPTH} levels"]),
        ("- " * 20_000, ["deeper"]),
        ("a:\n" + "".join(" " * n + "b:\n" for n in range(1, 99)), ["(line 2", "deeper"]),
        ("x: 0\na: " + "9" * 10_000, ["(line 2)", "a number of 10,000 digits"]),
        ("a: 0." + "1" * 60_000, ["a number of 60,002 digits"]),
        ("a: !!int " + "7" * 5_000, ["5,000 digits"]),
        ("x: " + "y" * MAX_LENGTH, [f"longer than {MAX_LENGTH:,} characters"]),
        ("a: 1\nb: 2\na: 3", ["(line 3)", "the key 'a' is given twice, in line 1 too"]),
        ("a: {b: 1, b: 1}", ["'b' is given twice"]),
        ('a: 1\n"a": 2', ["(line 2)", "'a' is given twice"]),
        ("a: !!binary aGk=", ["(line 1)", "the tag 'binary' is not read here"]),
        ("a: !!timestamp 2026-01-01", ["the tag 'timestamp'"]),
        ("a: !!set {b}", ["the tag 'set'"]),
        ("a: !own b", ["the tag '!own'"]),
        ("a: !!python/object/apply:os.system ['touch x']", ["the tag 'python/object/apply"]),
        ("a: !!python/name:os.system", ["the tag 'python/name:os.system'"]),
        ("a: !!int many", ["'many' is not of the kind 'int'"]),
        ("a: !!bool maybe", ["'maybe' is not of the kind 'bool'"]),
        ("a: b\nc: \x00", ["U+0000 (line 2)"]),
        ("a: b\x07", ["U+0007 (line 1)"]),
        ("a:\n\t- b", ["(line 2)", "\\t"]),
        ("a: [1, 2", ["(line 1)"]),
        ("a: 'open\n\n", ["end of stream"]),
        ("? [a]\n: 1", ["(line 1)", "unhashable"]),
        ("*gone", ["undefined alias"]),
        ("a: 1\n---\nb: 2", ["(line 2)", "another document"]),
    ],
)
def test_other_than_plain_short_yaml_is_rejected_with_its_line(text, parts):
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert len(message) < 300
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("1_000", 1000), ("0", 0), ("1.5", 1.5), ("-.5", -0.5),
        ("5.", 5.0), ("1.0e-8", 1e-8), ("1e-8", 1e-8), ("3E2", 300.0), ("true", True),
        ("null", None), ("~", None), ("", None), ("'12'", "12"), ("text", "text"),
        # What YAML 1.1 takes for numbers and dates, and other readers of the same file do not.
        ("1:30", "1:30"), ("190:20:30", "190:20:30"), ("010", "010"), ("2026-01-01", "2026-01-01"),
        ("0x10", "0x10"), ("1e", "1e"), (".", "."), ("9" * MAX_DIGITS, int("9" * MAX_DIGITS)),
        ("[1, [2]]", [1, [2]]), ("{a: {b: c}}", {"a": {"b": "c"}}), ("\ufeffa: 1", {"a": 1}),
    ],
)  # fmt: skip
def test_plain_values_are_read_as_they_look(text, value):
    assert read_yaml(text) == value
    assert type(read_yaml(text)) is type(value)


def test_aliases_are_read_as_copies():
    content = read_yaml("a: &a {x: [1]}\nb: *a\nc: {<<: *a, y: 2}\nd: {<<: *a, x: 3}")
    assert content["b"] == {"x": [1]}
    assert content["c"] == {"x": [1], "y": 2}
    assert content["d"] == {"x": 3}
    content["b"]["x"].append(2)
    assert content["a"] == {"x": [1]}
