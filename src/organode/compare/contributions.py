"""Contributions of fragments to the difference between a molecule and a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from organode.chem import MoleculeError, structure
from organode.chem.features import Molecules
from organode.compare.shapley import MOST_EXACT, ORDERS, shapley, subsets
from organode.compare.substituents import TIMEOUT, Substituted, common_core
from organode.models.predictor import TargetModel

MOLECULE, REFERENCE, CORE = "molecule", "reference", "core"


@dataclass(frozen=True)
class Contribution:
    """The share of a fragment in a difference.

    Attributes
    ----------
    of : str
        `MOLECULE` or `REFERENCE`, the one with the group, or `CORE`: the molecule with all groups
        replaced by H.
    fragment : str
        SMILES of the group, ``*`` at the bond to the core; or SMILES of the core. If the cores of
        molecule and reference differ: that of the reference, ``>>``, that of the molecule.
    atom : int or None
        The atom of the core with the group, counted from 0 in the canonical SMILES.
    volts : numpy.ndarray
        Shape (t,), V: of t potentials.
    """

    of: str
    fragment: str
    atom: int | None
    volts: np.ndarray

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return the contribution to one of the potentials, in V."""
        return {
            "of": self.of,
            "fragment": self.fragment,
            "atom": self.atom,
            "volts": float(self.volts[number]),
        }


class PotentialCache:
    """Potentials of molecules by SMILES, vs Fc/Fc⁺ in the same solvent; each predicted once."""

    def __init__(self, models: Sequence[TargetModel], known: Mapping[str, np.ndarray]) -> None:
        self._models = models
        self._known = dict(known)

    def __getitem__(self, smiles: str) -> np.ndarray:
        return self._known[smiles]

    def add(self, smiles: Sequence[str]) -> None:
        """Predict the potentials that are not in the cache.

        Raises
        ------
        MoleculeError
            If a molecule cannot be read, or is standardised to another species.
        """
        new = [text for text in dict.fromkeys(smiles) if text not in self._known]
        if not new:
            return
        molecules = Molecules([_read_exactly(text) for text in new])
        volts = [model.answer(molecules).potential.volts for model in self._models]
        self._known |= dict(zip(new, np.transpose(volts), strict=True))


def _read_exactly(smiles: str) -> Chem.Mol:
    """Return the standardised molecule, if its formula is that of the SMILES."""
    try:
        molecule, _ = structure(smiles)
    except MoleculeError as reason:
        raise MoleculeError(f"{smiles}: {reason}") from reason
    written = Chem.MolFromSmiles(smiles)
    if rdMolDescriptors.CalcMolFormula(molecule) != rdMolDescriptors.CalcMolFormula(written):
        raise MoleculeError(f"{smiles} is read as {Chem.MolToSmiles(molecule)}")
    return molecule


def contributions(
    smiles: str, reference: str, predictions: PotentialCache
) -> tuple[list[Contribution], str]:
    """Divide the difference between a molecule and a reference among their fragments.

    The atoms outside the common core form groups. The contribution of a group of the molecule is
    its Shapley value over all subsets of the groups, with H in place of the others; that of a group
    of the reference is the negative of this. The core has the remainder.

    Parameters
    ----------
    smiles, reference : str
        Canonical SMILES of both.
    predictions : PotentialCache
        With the potentials of both.

    Returns
    -------
    list of Contribution
        Their sum is the difference.
    remark : str
        Why there are no contributions of groups, or why they are approximate; mostly empty.
    """
    common = common_core(Chem.MolFromSmiles(smiles), Chem.MolFromSmiles(reference))
    if common is None:
        remark = "little in common with the reference: no contributions of groups"
        return [_core(smiles, reference, predictions)], remark
    sides = ((common.one, smiles), (common.other, reference))
    try:
        (shares, core), (reference_shares, reference_core) = (
            _shares(side, whole, predictions) for side, whole in sides
        )
    except MoleculeError as reason:
        remark = f"no contributions of groups: {reason}"
        return [_core(smiles, reference, predictions)], remark
    of_groups = [_group(MOLECULE, common.one, number, share) for number, share in enumerate(shares)]
    of_groups += [
        _group(REFERENCE, common.other, number, -share)
        for number, share in enumerate(reference_shares)
    ]
    remarks = []
    if not common.whole:
        remarks.append(f"a larger common core was not looked for longer than {TIMEOUT} s")
    if max(len(shares), len(reference_shares)) > MOST_EXACT:
        remarks.append(
            f"contributions of more than {MOST_EXACT} groups: means over {ORDERS} orders"
        )
    return [*of_groups, _core(core, reference_core, predictions)], "; ".join(remarks)


def _shares(side: Substituted, whole: str, predictions: PotentialCache) -> tuple[np.ndarray, str]:
    """Return the share of each group, shape (n, t), and the SMILES without groups."""
    n = len(side.groups)
    every = frozenset(range(n))
    smiles_with = {
        subset: whole if subset == every else side.without(every - subset) for subset in subsets(n)
    }
    predictions.add([*smiles_with.values()])
    worth = {subset: predictions[smiles] for subset, smiles in smiles_with.items()}
    return shapley(n, worth), smiles_with[frozenset()]


def _group(of: str, side: Substituted, number: int, volts: np.ndarray) -> Contribution:
    group = side.groups[number]
    return Contribution(of, group.smiles, group.site, volts)


def _core(core: str, reference_core: str, predictions: PotentialCache) -> Contribution:
    volts = predictions[core] - predictions[reference_core]
    fragment = core if core == reference_core else f"{reference_core}>>{core}"
    return Contribution(CORE, fragment, None, volts)
