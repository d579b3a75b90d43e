"""Contributions of fragments to the difference in potential between molecule and reference."""

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
    """The share of a fragment in the difference in potential between molecule and reference.

    Attributes
    ----------
    of : str
        ``molecule`` or ``reference``: the fragment is a group (substituent) of it; or ``core``: the
        fragment is what is left when H replaces all groups.
    fragment : str
        SMILES of the group, with ``*`` for the core, such as ``*OC``; or SMILES of the core. If the
        cores of molecule and reference differ: that of the reference, ``>>``, that of the molecule.
    atom : int or None
        The core's atom that has the group: its index in the canonical SMILES of the molecule or
        reference, from 0. None for the core.
    volts : numpy.ndarray
        Shape (t,), V: the share in each of t potentials, one for each model.
    """

    of: str
    fragment: str
    atom: int | None
    volts: np.ndarray

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return a dictionary of the attributes; `volts` is a float, for potential `number`."""
        return {
            "of": self.of,
            "fragment": self.fragment,
            "atom": self.atom,
            "volts": float(self.volts[number]),
        }


class PotentialCache:
    """Predicted potentials of molecules by SMILES; each molecule is predicted only once.

    A value has shape (t,): a first-wave potential from each model, V vs Fc/Fc⁺ in acetonitrile.
    """

    def __init__(self, models: Sequence[TargetModel], known: Mapping[str, np.ndarray]) -> None:
        self._models = models
        self._known = dict(known)

    def __getitem__(self, smiles: str) -> np.ndarray:
        return self._known[smiles]

    def add(self, smiles: Sequence[str]) -> None:
        """Predict, and keep, the potentials of those molecules that are not yet in the cache.

        Raises
        ------
        MoleculeError
            If a molecule cannot be read, or its standardised form has another formula.
        """
        new = [text for text in dict.fromkeys(smiles) if text not in self._known]
        if not new:
            return
        molecules = Molecules([_read_exactly(text) for text in new])
        volts = [model.answer(molecules).potential.volts for model in self._models]
        self._known |= dict(zip(new, np.transpose(volts), strict=True))


def _read_exactly(smiles: str) -> Chem.Mol:
    """Return the standardised molecule; raise `MoleculeError` if this changes the formula."""
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
    """Divide the difference in potential between molecule and reference among their fragments.

    The common core is their largest common substructure; the atoms outside form groups
    (substituents). The contribution of a group of the molecule is its Shapley value: the change of
    the potential when the group replaces H, averaged over the orders in which the groups can be
    added. For a group of the reference, it is the negative of this. The core gets the remainder.

    Parameters
    ----------
    smiles, reference : str
        Canonical SMILES of the molecule and of the reference.
    predictions : PotentialCache
        Already has the potentials of both; those of other molecules are added.

    Returns
    -------
    list of Contribution
        Contributions that add up to the potential of the molecule minus that of the reference.
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
            group_shares(side, whole, predictions) for side, whole in sides
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


def group_shares(
    side: Substituted, whole: str, predictions: PotentialCache
) -> tuple[np.ndarray, str]:
    """Return what each of n groups adds to t potentials, and the molecule without any group.

    Parameters
    ----------
    side : Substituted
        The molecule with its groups.
    whole : str
        Its canonical SMILES.
    predictions : PotentialCache
        Potentials of molecules that lack some of the groups are added to it.

    Returns
    -------
    shares : numpy.ndarray
        Shape (n, t), V: Shapley values of the groups.
    core : str
        SMILES of the molecule with H in place of all groups.

    Raises
    ------
    MoleculeError
        If the molecule without some groups cannot be read.
    """
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
