"""Read settings files in a safe subset of YAML; other YAML raises an error that names the line.

Full YAML is dangerous for settings: a few lines of aliases can expand to billions of values, deeply
nested brackets exhaust the stack, the first of two equal keys is silently lost, `1:30` is read as
the number 90, and a tag `!!python/…` can run code.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.events import AliasEvent
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode
from yaml.reader import ReaderError

MAX_LENGTH = 1 << 16  # bytes of a file, and characters of a text
MAX_DEPTH = 20  # levels of nesting
MAX_VALUES = 10_000  # number of values after all aliases are replaced by what they stand for
MAX_DIGITS = 40  # characters of a number
KINDS = ("null", "bool", "int", "float", "str", "seq", "map")
TAG = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """Raised if a text is not YAML, or uses a feature of YAML that is refused here.

    The message says what is wrong and in which line. It has no subject, as in ``is not valid YAML
    (line 3): …``, so that the caller can put the name of a file in front.
    """


def read_yaml(text: str) -> Any:
    """Return the value of a short YAML text: dicts, lists, texts, numbers, truth values or None.

    A value that YAML aliases repeat is copied for each alias, so that a change of one copy does not
    change the others.

    Raises
    ------
    YamlError
        If the text is too long, nested too deeply or not YAML, if a mapping has the same key twice,
        or if the text holds a tag other than those of the types above, a number that is too long,
        or aliases that expand to too many values.
    """
    if len(text) > MAX_LENGTH:
        raise YamlError(f"is longer than {MAX_LENGTH:,} characters")
    try:
        return _unshared(yaml.load(text, _Loader))  # safe: stricter than yaml.SafeLoader
    except ReaderError as error:
        code, line = error.character, text.count("\n", 0, error.position) + 1
        shown = f"U+{code:04X}" if isinstance(code, int) else repr(code)
        raise YamlError(f"holds the character {shown} (line {line})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1})" if mark else ""
        raise YamlError(f"is not valid YAML{where}: {error.problem or error.context}") from None


def _unshared(value: Any) -> Any:
    """Return a value in which no list or dict occurs twice as the same object.

    PyYAML returns the same object for a value and for every alias of the value.
    """
    if isinstance(value, dict):
        return {key: _unshared(inner) for key, inner in value.items()}
    return [_unshared(inner) for inner in value] if isinstance(value, list) else value


class _Loader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[int, int] = {}  # by node: values it expands to

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            problem = f"nested deeper than {MAX_DEPTH} levels"
            raise _refusal(problem, event)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is None:
            return None
        if not isinstance(event, AliasEvent):
            self._sizes[id(node)] = 1 + sum(self._sizes[id(inner)] for inner in _inside(node))
        elif id(node) not in self._sizes:
            problem = f"the alias '{event.anchor}' is inside the value that it names"
            raise _refusal(problem, event)
        if self._sizes[id(node)] > MAX_VALUES:
            problem = f"aliases unfold to more than {MAX_VALUES:,} values"
            raise _refusal(problem, event)
        return node

    def compose_mapping_node(self, anchor: Any) -> MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                line = key.start_mark.line + 1
                if key.value in lines:
                    problem = (
                        f"the key '{key.value}' is given twice, in line {lines[key.value]} too"
                    )
                    raise _refusal(problem, key)
                lines[key.value] = line
        return node

    def construct_plain(self, node: ScalarNode) -> Any:
        """Return the number or truth value that a YAML node holds.

        If the node's text is no such value or is too long, raise an error that names its line.
        """
        kind, text = node.tag.removeprefix(TAG), str(node.value)
        problem = f"'{text[:MAX_DIGITS]}' is not of the kind '{kind}'"
        if len(text) > MAX_DIGITS:
            problem = f"a number of {len(text):,} digits"
        else:
            try:
                return getattr(self, f"construct_yaml_{kind}")(node)
            except (ValueError, KeyError):
                pass
        raise _refusal(problem, node)

    def refuse(self, node: Node) -> None:
        tag = node.tag.removeprefix(TAG)
        raise _refusal(f"the tag '{tag}' is not read here", node)


# Only plain decimal numbers are numbers here. YAML 1.1, and so PyYAML, also reads 1:30 as 90, 010
# as 8 and 2026-01-01 as a date; other programs that read the same file do not.
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in known
        if tag.rpartition(":")[2] in ("null", "bool", "merge")
    ]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_WHOLE = r"[-+]?(?:0|[1-9][0-9_]*)"
_BROKEN = rf"(?:{_WHOLE}|[-+]?)\.[0-9]+|{_WHOLE}\."
_FLOAT = rf"(?:{_BROKEN})(?:[eE][-+]?[0-9]+)?|{_WHOLE}[eE][-+]?[0-9]+|[-+]?\.inf|\.nan"
_Loader.add_implicit_resolver(f"{TAG}int", re.compile(rf"^{_WHOLE}$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    f"{TAG}float", re.compile(rf"^(?:{_FLOAT})$", re.IGNORECASE), list("-+0123456789.")
)
_Loader.yaml_constructors = {
    **{f"{TAG}{kind}": yaml.SafeLoader.yaml_constructors[f"{TAG}{kind}"] for kind in KINDS},
    **{f"{TAG}{kind}": _Loader.construct_plain for kind in ("bool", "int", "float")},
}
_Loader.add_constructor(None, _Loader.refuse)


def _refusal(problem: str, place: Any) -> ConstructorError:
    return ConstructorError(None, None, problem, place.start_mark)


def _inside(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [inner for pair in node.value for inner in pair]
    return list(node.value) if isinstance(node, CollectionNode) else []
