"""The columns that are wanted of a file, and the sentence for those that are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from organode.errors import UsageError


@dataclass(frozen=True)
class Wanted:
    """Which columns are read.

    Attributes
    ----------
    names : mapping
        What a column holds (such as `smiles`) to its name in the file.
    setting : str
        Where a person says another name; ``{key}`` stands for what the column holds.
    optional : frozenset of str
        Keys of `names` that may be missing.
    """

    names: Mapping[str, str]
    setting: str
    optional: frozenset[str] = frozenset()

    def found(self, path: Path, present: Sequence[str]) -> dict[str, str]:
        """Return those of `names` that the file has.

        Raises
        ------
        UsageError
            If a column that is not optional is missing, or any stands there twice; says where
            to give the right name.
        """
        missing = [
            key
            for key, name in self.names.items()
            if name not in present and key not in self.optional
        ]
        if missing:
            names = ", ".join(f"'{self.names[key]}'" for key in missing)
            settings = " and ".join(dict.fromkeys(self.setting.format(key=key) for key in missing))
            raise UsageError(
                f"{path} has no column {names}; it has: {_listed(present)}; "
                f"give the right name by {settings}"
            )
        found = {key: name for key, name in self.names.items() if name in present}
        for key, name in found.items():
            if present.count(name) > 1:
                raise UsageError(
                    f"{path} has the column '{name}' twice: rename one of them, "
                    f"or give another name by {self.setting.format(key=key)}"
                )
        return found


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = [name if len(name) <= 40 else name[:37] + "..." for name in names[:most]]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(shown) or "none") + more
