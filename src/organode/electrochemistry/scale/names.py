"""Find molecules by their names and abbreviations in the table of measured potentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import pandas as pd
from rdkit import Chem

from organode.chem import structure
from organode.chem.reading.column import read_molecules

SHORT = re.compile(r"(.+?) \((.+)\)")  # a name with abbreviation: 9,10-anthraquinone (AQ)


class MeasuredNames:
    """Names of measured molecules, looked up in small or capital letters.

    Parameters
    ----------
    tables : iterable of pandas.DataFrame
        Measurements with columns `name` and `smiles`, such as the `rows` of a laboratory scale.
        They are read at the first look-up.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"name": ["1,4-benzoquinone (BQ)"], "smiles": ["O=C1C=CC(=O)C=C1"]})
    >>> MeasuredNames([rows]).find("bq")
    {'O=C1C=CC(=O)C=C1': '1,4-benzoquinone (BQ)'}
    """

    def __init__(self, tables: Iterable[pd.DataFrame]) -> None:
        self._tables = tables
        self._known: dict[str, dict[str, str]] | None = None

    def find(self, text: str) -> Mapping[str, str]:
        """Return {canonical SMILES: full name} of the measured molecules that a text names.

        The text is a name, an abbreviation, or both as in ``benzoquinone (BQ)``. The result is
        empty if no molecule has this name, and has several if several have it.
        """
        if self._known is None:
            self._known = {}
            for table in self._tables:
                for name, smiles in zip(table["name"], table["smiles"], strict=True):
                    for variant in _variants(name):
                        self._known.setdefault(variant, {}).setdefault(smiles, name)
        found: dict[str, str] = {}
        for smiles, name in self._known.get(" ".join(text.split()).casefold(), {}).items():
            found.setdefault(Chem.MolToSmiles(Chem.MolFromSmiles(smiles)), name)
        return found

    def read(
        self, cells: Sequence[object], problems: Sequence[str] = (), cap: str = ""
    ) -> tuple[list[Chem.Mol | None], list[str], list[str]]:
        """Read cells as standardised molecules; one that is no structure may be a measured name.

        Parameters and result are those of `organode.chem.reading.column.read_molecules`. A name
        that several measured molecules have is not read.
        """
        molecules, statuses, notes = read_molecules(cells, problems, cap)
        for row, (cell, problem) in enumerate(zip_longest(cells, problems, fillvalue="")):
            if molecules[row] is not None or problem or not isinstance(cell, str):
                continue
            found = self.find(cell)
            if len(found) == 1:
                ((smiles, name),) = found.items()
                molecules[row], _ = structure(smiles)
                statuses[row], notes[row] = "ok", f"{name} in the table of measured potentials"
        return molecules, statuses, notes


def _variants(name: str) -> set[str]:
    """Return the texts that a molecule can be found by, in small letters.

    These are the name and, if it has the form ``benzoquinone (BQ)``, also ``benzoquinone`` and
    ``bq``.
    """
    parts = SHORT.fullmatch(name)
    variants = (name, *(parts.groups() if parts else ()))
    return {variant.casefold() for variant in variants if variant}
