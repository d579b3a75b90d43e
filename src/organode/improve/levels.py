"""Levels of labels that can be bought, and their computation on the protocol of the model.

The packaged model, and every model of the embedded set, learned vertical energies in acetonitrile:
those of the gas phase by B3LYP/6-31+G(d), or by xTB corrected to it, plus the difference of the
solvation energies of ion and species by xTB (`data/embedded/README.md`). Labels are made likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from organode.artifacts import TARGETS
from organode.chem.composition import Composition
from organode.errors import UsageError
from organode.label.correction import Correction
from organode.label.dft import MAX_HEAVY_ATOMS, WITHOUT_BASIS
from organode.label.engine import label_table
from organode.label.method import SECONDS, Method
from organode.utils.progress import say
from organode.utils.tables import read_csv

XTB: Final = "xtb"
B3LYP: Final = "b3lyp"
GIVEN: Final = "given"  # energies that people bring
SOLVENT = "acetonitrile"  # of the model's labels
COLUMNS = ("smiles", "level", "status", *TARGETS, SECONDS)
# Standard deviation of the error of a label against B3LYP in the same conformer, eV. For xTB it is
# that of the corrected energies of families left out of the correction (1,398 molecules).
ERROR = {XTB: {"IE": 0.21, "EA": 0.16}, B3LYP: {"IE": 0.02, "EA": 0.02}}


@dataclass(frozen=True)
class Levels:
    """The levels of labels that a campaign may buy.

    Attributes
    ----------
    names : tuple of str
        ``xtb``, ``b3lyp`` or both.
    corrections : mapping of str to Correction
        For ``IE`` and ``EA``, the correction of xTB to B3LYP.
    """

    names: tuple[str, ...]
    corrections: Mapping[str, Correction]

    def label(
        self, level: str, smiles: Sequence[str], folder: Path, jobs: int, stop: Callable[[], bool]
    ) -> pd.DataFrame:
        """Label molecules at one level; resumes after an interruption.

        Parameters
        ----------
        level : str
            ``xtb`` or ``b3lyp``.
        smiles : sequence of str
            n structures.
        folder : Path
            Folder for the tables of `organode label`, which hold finished molecules.
        jobs : int
            Number of processes.
        stop : callable
            Asked twice a second; when it returns true, the computation ends.

        Returns
        -------
        pandas.DataFrame
            n rows with the columns `COLUMNS`: IE and EA in eV; `seconds`, CPU time; `status`,
            ``ok`` or the reason why an energy is missing.
        """
        solvated = _table(folder / f"{level}-solvated.csv", smiles, XTB, SOLVENT, jobs, stop)
        found = pd.DataFrame({"smiles": list(smiles), "level": level})
        found["status"] = solvated["status"].to_numpy()
        found[SECONDS] = solvated[SECONDS].to_numpy(float)
        exact = None
        if level == B3LYP:
            exact = _table(folder / "b3lyp-gas.csv", smiles, B3LYP, None, jobs, stop)
            found[SECONDS] += exact[SECONDS].to_numpy(float)
            failed = (found["status"] == "ok") & (exact["status"] != "ok").to_numpy()
            found.loc[failed, "status"] = exact.loc[failed.to_numpy(), "status"].to_numpy()
        for target in TARGETS:
            if exact is None:
                table = solvated.assign(smiles=list(smiles))
                energy = self.corrections[target].in_solvent(table)
            else:
                solvation = solvated[f"{target}_vertical"] - solvated[f"{target}_ipea1"]
                energy = (exact[target] + solvation).to_numpy(float)
            found[target] = np.round(energy, 4)
        return found[list(COLUMNS)]


def _table(
    path: Path,
    smiles: Sequence[str],
    level: Literal["xtb", "b3lyp"],
    solvent: str | None,
    jobs: int,
    stop: Callable[[], bool],
) -> pd.DataFrame:
    """Return a table of labels, computed now or by an earlier command that was interrupted."""
    if not path.exists():
        label_table(smiles, path, level=level, solvent=solvent, jobs=jobs, timed=True, stop=stop)
    return read_csv(path)


def chosen_levels(level: str) -> tuple[str, ...]:
    """Return the levels that may be bought, from the cheapest on.

    `level` is ``xtb``, ``b3lyp``, or ``auto`` for both, if pyscf is installed.

    Raises
    ------
    UsageError
        If ``b3lyp`` is asked for, and pyscf is not installed.
    """
    if level != "auto":
        Method(XTB if level == XTB else B3LYP).check()
        return (level,)
    if find_spec("pyscf") is None:
        say("pyscf is not installed: labels are bought by xTB only")
        return (XTB,)
    return XTB, B3LYP


def possible(level: str, composition: Composition) -> np.ndarray:
    """Return whether each of n molecules can be labelled at a level, shape (n,), bool."""
    if level == XTB:
        return np.ones(len(composition.parts), bool)
    has_basis = np.array([not part & set(WITHOUT_BASIS) for part in composition.parts], bool)
    return np.asarray((composition.heavy_atoms <= MAX_HEAVY_ATOMS) & has_basis)


def check_level_of_theory(levels: Mapping[str, str], own: str) -> None:
    """Check that a model learned labels of the protocol on which labels can be bought.

    `levels` is the level of theory by target, `own` that of the embedded set.

    Raises
    ------
    UsageError
        If the model learned labels of another level of theory.
    """
    for target, level in levels.items():
        if level != own:
            raise UsageError(
                f"the model of {target} learned labels of '{level}', but labels are bought by "
                f"'{own}': start from a model of the embedded set, such as the packaged one"
            )
