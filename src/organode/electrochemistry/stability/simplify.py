"""Simplify SMARTS for molecules that lack some of the environments which the SMARTS name.

An environment is written as ``$(…)`` among the conditions on an atom. RDKit searches each of them
in the whole molecule before it matches the rest of a pattern, which takes most of the time.
"""

from __future__ import annotations

from collections.abc import Collection

OPENING, CLOSING = "([", ")]"
ENVIRONMENT, NO_ENVIRONMENT = "$(", "!$("
ANY = "*"


def environments(smarts: str) -> list[str]:
    """Return the SMARTS of all environments in a SMARTS, and of environments within these.

    Examples
    --------
    >>> environments("[O;H1;!$(O[$(C=O)])]-C")
    ['O[$(C=O)]', 'C=O']
    """
    found = []
    rest = smarts.partition(ENVIRONMENT)[2]
    while rest:
        end = _end(rest)
        found += [rest[:end], *environments(rest[:end])]
        rest = rest[end + 1 :].partition(ENVIRONMENT)[2]
    return found


def simplified(smarts: str, absent: Collection[str]) -> str:
    """Return a simpler SMARTS that matches the same atoms of molecules without some environments.

    Parameters
    ----------
    smarts : str
        SMARTS in which an environment is an alternative of its own, as in ``[O;$(OC),$(ON)]``, not
        joined to other conditions, as in ``[O$(OC)]``.
    absent : collection of str
        The environments that the molecules lack, of those that `environments` returns.

    Examples
    --------
    >>> simplified("[O;H1;!$(O[$(C=O)])]-[$(CN),$(CS)]", ["C=O", "CS"])
    '[O;H1;!$(O[$(C=O)])]-[$(CN)]'
    >>> simplified("[O;H1;!$(O[$(C=O)])]-[$(CN),$(CS)]", ["O[$(C=O)]", "C=O", "CS"])
    '[O;H1]-[$(CN)]'
    """
    done = ""
    while "[" in smarts:
        head, _, rest = smarts.partition("[")
        end = _end(rest)
        done += f"{head}[{_atom(rest[:end], absent)}]"
        smarts = rest[end + 1 :]
    return done + smarts


def lone_environment(smarts: str) -> str:
    """Return the environment if a SMARTS is an atom that demands only this, else the SMARTS.

    A molecule that has one has the other.

    Examples
    --------
    >>> lone_environment("[$(C[OH])]")
    'C[OH]'
    """
    start, end = f"[{ENVIRONMENT}", ")]"
    within = smarts[len(start) :]
    if smarts.startswith(start) and _end(within) == len(within) - len(end):
        return within[: -len(end)]
    return smarts


def _atom(conditions: str, absent: Collection[str]) -> str:
    """Return an atom's conditions, the text in its brackets, without absent environments."""
    parts = []
    for part in _split(conditions, ";"):
        options = [_option(option, absent) for option in _split(part, ",")]
        if ANY not in options:
            # Without options nothing matches: the part itself says so.
            parts.append(",".join(filter(None, options)) or part)
    return ";".join(parts) or ANY


def _option(option: str, absent: Collection[str]) -> str:
    """Return an alternative condition; ``*`` if each atom fulfils it, empty if no atom does."""
    start = next((each for each in (ENVIRONMENT, NO_ENVIRONMENT) if option.startswith(each)), "")
    if not start:
        return option
    environment = option[len(start) : -1]
    if environment in absent:
        return ANY if start == NO_ENVIRONMENT else ""
    if start == ENVIRONMENT and environment.isalpha() and len(environment) == 1:
        return environment  # an atom alone is no environment
    return f"{start}{simplified(environment, absent)})"


def _end(text: str) -> int:
    """Return the position of the bracket that closes a bracket just before the text.

    Raises
    ------
    ValueError
        If there is none.
    """
    depth = 1
    for position, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if not depth:
            return position
    raise ValueError(f"not a SMARTS: '{text}'")


def _split(text: str, separator: str) -> list[str]:
    """Split a text at separators that are not within brackets."""
    parts, depth, start = [], 0, 0
    for position, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if sign == separator and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]
