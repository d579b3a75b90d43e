"""Method of labelling: level of theory, solvent, and whether labels are vertical or adiabatic."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from rdkit import Chem

from organode.errors import UsageError
from organode.label import dft, xtb
from organode.label.singlepoint import check_solvent

COLUMNS = [
    "row", "smiles", "status", "note", "IE", "EA", "IE_vertical", "EA_vertical", "IE_ipea1",
    "EA_ipea1", "IE_gfn2", "EA_gfn2", "unbound", "HOMO_gfn2", "LUMO_gfn2", "remark",
]  # fmt: skip
COLUMNS_B3LYP = COLUMNS[:8]
SECONDS = "seconds"  # column of the CPU time of each molecule, if it is asked for
IONS = "ions"  # key of a row's relaxed ions, which have a table of their own


@dataclass(frozen=True)
class Method:
    """Method of labelling: the settings that decide the numbers in a table of labels.

    Attributes
    ----------
    level : {'xtb', 'b3lyp'}
        Level of theory.
    solvent : str or None
        Implicit solvent, such as ``acetonitrile``; None for the gas phase.
    adiabatic : bool
        Whether the ions are relaxed too, so that the labels are adiabatic instead of vertical.
    cap : str
        End group that replaces each ``*`` in the SMILES of a polymer's repeat unit: ``H`` or
        ``methyl``. If empty, repeat units are not labelled.
    timed : bool
        Whether the table of labels has the column `seconds`, the CPU time of each molecule in s.
    """

    level: Literal["xtb", "b3lyp"] = "xtb"
    solvent: str | None = None
    adiabatic: bool = False
    cap: str = ""
    timed: bool = False

    def check(self) -> None:
        """Check that labels by this method can be computed.

        Raises
        ------
        UsageError
            If the level or the solvent is unknown, or a package is missing that the level needs.
        """
        if self.level not in ("xtb", "b3lyp"):
            raise UsageError(f"no level '{self.level}': choose xtb or b3lyp")
        if self.level == "b3lyp":
            dft.check(self.solvent)
        elif self.solvent:
            check_solvent(self.solvent)

    def label(self, molecule: Chem.Mol) -> dict[str, Any]:
        """Compute the labels of a molecule.

        Returns
        -------
        dict
            Name of a column of the table of labels to the molecule's value. With level ``b3lyp``,
            the column `status` is included. With level ``xtb`` and `adiabatic`, the key ``ions``
            holds the molecule's relaxed ions.

        Raises
        ------
        LabelError
            If the computation for the molecule fails, so that it has no label.
        """
        if self.level == "b3lyp":
            return asdict(dft.label(molecule, self.solvent, adiabatic=self.adiabatic))
        values = asdict(xtb.label(molecule, self.solvent, adiabatic=self.adiabatic))
        return values if self.adiabatic else {k: v for k, v in values.items() if k != IONS}

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the table of labels: fewer with level ``b3lyp`` than ``xtb``."""
        columns = COLUMNS if self.level == "xtb" else COLUMNS_B3LYP
        return [*columns, SECONDS] if self.timed else columns
