"""What the rules and the fitted model read of a species to judge its oxidised and reduced forms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from organode.chem.features import Molecules, NetworkFeatures
from organode.chem.structure_key import structure_key
from organode.electrochemistry.stability.rules import OXIDISED, REDUCED
from organode.electrochemistry.stability.verdict import Examined, Verdict, verdict
from organode.utils.lazy import lazy

ORBITAL = {OXIDISED: 0, REDUCED: 1}  # column of `Molecules.densities`: of the hole, the electron


class StabilityInputs(Protocol):
    """Protocol of what is read of n species, without stereo, to judge the stability of ions."""

    @property
    def n(self) -> int:
        """Number of species."""

    @property
    def features(self) -> NetworkFeatures:
        """Morgan environments and orbital descriptors of the species."""

    def select(self, places: Sequence[int]) -> StabilityInputs:
        """Return what is read of the species with the indices `places`, in this order."""

    def verdicts(self, side: str) -> Sequence[Verdict]:
        """Return the verdicts of the rules on the forms `side`, `OXIDISED` or `REDUCED`."""

    def orbital(self, side: str) -> np.ndarray:
        """Return where the hole or the electron is, as `on_atoms` describes it: shape (n, 4)."""

    def keys(self, formulas: Collection[str]) -> Sequence[int | None]:
        """Return each species' `structure_key`; None, at will, if no formula of `formulas` fits."""


class ComputedInputs:
    """What is read of molecules; each part is computed when it is first used, and then kept.

    Parameters
    ----------
    molecules : Molecules
        The species before oxidation or reduction, without stereochemistry, as from
        `organode.chem.structure`.
    """

    def __init__(self, molecules: Molecules) -> None:
        self.features = molecules
        self.n = molecules.n
        self._verdicts: dict[str, list[Verdict]] = {}

    def select(self, places: Sequence[int]) -> ComputedInputs:
        """Return what is read of the species with the indices `places`, in this order."""
        selected = ComputedInputs(self.features.select(places))
        selected._examined = [self._examined[place] for place in places]
        selected._verdicts = {
            side: [verdicts[place] for place in places] for side, verdicts in self._verdicts.items()
        }
        return selected

    def verdicts(self, side: str) -> list[Verdict]:
        """Return the verdicts of the rules on the forms `side`, `OXIDISED` or `REDUCED`."""
        if side not in self._verdicts:
            self._verdicts[side] = [verdict(species, side) for species in self._examined]
        return self._verdicts[side]

    def orbital(self, side: str) -> np.ndarray:
        """Return where the hole or the electron is, as `on_atoms` describes it: shape (n, 4)."""
        densities = [density[:, ORBITAL[side]] for density in self.features.densities]
        return on_atoms(densities, self.features.graphs.of_atoms("hydrogens"))

    def keys(self, formulas: Collection[str]) -> list[int | None]:
        """Return each species' `structure_key`; None if its formula is not in `formulas`.

        Few species have the formula of a measured one, and a canonical SMILES, from which the key
        is made, takes ten times as long as a formula.
        """
        return [
            structure_key(molecule) if formula in formulas else None
            for molecule, formula in zip(self.features.molecules, self._formulas, strict=True)
        ]

    @lazy
    def _formulas(self) -> list[str]:
        return [*map(CalcMolFormula, self.features.molecules)]

    @lazy
    def _examined(self) -> list[Examined]:
        return Examined.each(self.features.graphs)


def on_atoms(densities: Sequence[np.ndarray], hydrogens: np.ndarray) -> np.ndarray:
    """Describe on which atoms of n species a hole or an electron is, shape (n, 4).

    The columns: the sum of the density over atoms with hydrogen, the largest density on one of
    these atoms and on any atom, and the sum of the squared densities, which is the reciprocal of
    the number of atoms over which the orbital is spread.

    Parameters
    ----------
    densities : sequence of numpy.ndarray
        Density of the frontier orbital on the atoms of each species: the highest occupied orbital
        for oxidation, the lowest empty one for reduction.
    hydrogens : numpy.ndarray
        Number of hydrogens on each atom, of one species after the other.

    Examples
    --------
    >>> on_atoms([np.array([0.75, 0.25])], np.array([0, 3]))
    array([[0.25 , 0.25 , 0.75 , 0.625]])
    """
    if not densities:
        return np.empty((0, 4))
    density = np.concatenate(densities).astype(float)
    on_hydrogen_bearing = density * (hydrogens > 0)
    first = np.cumsum([0, *map(len, densities[:-1])])
    columns = (
        np.add.reduceat(on_hydrogen_bearing, first),
        np.maximum.reduceat(on_hydrogen_bearing, first),
        np.maximum.reduceat(density, first),
        np.add.reduceat(np.square(density), first),
    )
    return np.column_stack(columns)
