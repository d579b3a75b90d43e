"""Contributions of fragments to the difference in potential between two molecules."""

from __future__ import annotations

import contextlib
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
    """Contribution of a fragment to the difference in potential between two molecules.

    The first of the two is called the molecule, the second is called the reference.

    Attributes
    ----------
    of : str
        ``molecule`` or ``reference`` if the fragment is a group (substituent) of the molecule or of
        the reference; ``core`` if the fragment is what is left when H replaces all groups.
    fragment : str
        SMILES of the group, with ``*`` for the core, such as ``*OC``; or SMILES of the core. If
        molecule and reference have different cores: SMILES of the reference's core, ``>>``, SMILES
        of the molecule's core.
    atom : int or None
        Index, from 0, of the core's atom that has the group, in the canonical SMILES of the
        molecule or of the reference. None for the core.
    volts : numpy.ndarray
        Shape (t,), V: the contribution to the difference in each of t potentials, which t models
        predict.
    """

    of: str
    fragment: str
    atom: int | None
    volts: np.ndarray

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return the attributes as a dictionary.

        `number`: index of the potential for which `volts` is given, as a float.
        """
        return {
            "of": self.of,
            "fragment": self.fragment,
            "atom": self.atom,
            "volts": float(self.volts[number]),
        }


class PotentialCache:
    """Predicted potentials of molecules, with SMILES as keys; no molecule is predicted twice.

    A value has shape (t,): the potential of the first redox wave from each of t models, V vs Fc/Fc⁺
    in acetonitrile. `known`: potentials that were predicted before.
    """

    def __init__(self, models: Sequence[TargetModel], known: Mapping[str, np.ndarray]) -> None:
        self._models = models
        self._known = dict(known)

    def __getitem__(self, smiles: str) -> np.ndarray:
        return self._known[smiles]

    def add_readable(self, smiles: Sequence[str]) -> None:
        """Do what `add` does for those molecules that can be read; leave out the others.

        To predict many molecules in one call takes less time than to predict a few in each call.
        """
        readable = {}
        for text in self._new(smiles):
            # `add` raises the error again, for the molecule that needs this text.
            with contextlib.suppress(MoleculeError):
                readable[text] = _read_exactly(text)
        self._predict(readable)

    def add(self, smiles: Sequence[str]) -> None:
        """Predict, and keep, the potentials of those molecules that are not yet in the cache.

        Raises
        ------
        MoleculeError
            If a SMILES cannot be read, or if standardisation changes the molecular formula.
        """
        self._predict({text: _read_exactly(text) for text in self._new(smiles)})

    def _new(self, smiles: Sequence[str]) -> list[str]:
        """Return those SMILES, each once, that are not yet in the cache."""
        return [text for text in dict.fromkeys(smiles) if text not in self._known]

    def _predict(self, read: Mapping[str, Chem.Mol]) -> None:
        """Predict, and keep, the potentials of molecules by SMILES."""
        if not read:
            return
        molecules = Molecules([*read.values()])
        volts = [model.answer(molecules).potential.volts for model in self._models]
        self._known |= dict(zip(read, np.transpose(volts), strict=True))


def _read_exactly(smiles: str) -> Chem.Mol:
    """Return the standardised molecule of a SMILES.

    Raises
    ------
    MoleculeError
        If the SMILES cannot be read, or if standardisation changes the molecular formula.
    """
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
    """Divide the difference in potential between two molecules among their fragments.

    The common core is the largest common substructure of the two molecules; the atoms outside the
    core form groups (substituents). The contribution of a group of the molecule is the Shapley
    value of the group: the change of the potential when the group replaces H, averaged over the
    orders in which the groups can be added. The contribution of a group of the reference is its
    negative Shapley value. The contribution of the core is the rest of the difference.

    Parameters
    ----------
    smiles, reference : str
        Canonical SMILES of the molecule and of the reference molecule.
    predictions : PotentialCache
        Already has the potentials of molecule and reference; this function adds the potentials of
        molecule and reference without some or all of their groups.

    Returns
    -------
    list of Contribution
        Contributions that add up to the potential of the molecule minus that of the reference.
    remark : str
        Why groups have no contributions, or why contributions are approximate; mostly empty.
    """
    common = common_core(Chem.MolFromSmiles(smiles), Chem.MolFromSmiles(reference))
    if common is None:
        remark = "little in common with the reference: no contributions of groups"
        return [_core(smiles, reference, predictions)], remark
    sides = ((common.one, smiles), (common.other, reference))
    try:
        (shares, core), (reference_shares, reference_core) = (
            group_shares(variants(side, whole), predictions) for side, whole in sides
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
    smiles_with: Mapping[frozenset[int], str], predictions: PotentialCache
) -> tuple[np.ndarray, str]:
    """Return what each of n groups of a molecule adds to t potentials, and the bare molecule.

    Parameters
    ----------
    smiles_with : mapping of frozenset of int to str
        SMILES of the molecule with some or all of its groups, as from `variants`.
    predictions : PotentialCache
        This function adds the potentials of all these SMILES.

    Returns
    -------
    shares : numpy.ndarray
        Shape (n, t), V: Shapley value of each group for each potential, that is, the change of the
        potential when the group replaces H, averaged over the orders of adding groups.
    core : str
        SMILES of the molecule with H in place of all groups.

    Raises
    ------
    MoleculeError
        If the molecule cannot be read when H replaces some of its groups.
    """
    predictions.add([*smiles_with.values()])
    worth = {subset: predictions[smiles] for subset, smiles in smiles_with.items()}
    return shapley(max(map(len, smiles_with)), worth), smiles_with[frozenset()]


def variants(side: Substituted, whole: str) -> dict[frozenset[int], str]:
    """Return SMILES of a molecule with some or all of its groups, H in place of the others.

    The keys are the subsets of groups, by their index in `side`, that Shapley values need. `whole`
    is the SMILES of the molecule with all groups.
    """
    every = frozenset(range(len(side.groups)))
    return {
        subset: whole if subset == every else side.without(every - subset)
        for subset in subsets(len(side.groups))
    }


def _group(of: str, side: Substituted, number: int, volts: np.ndarray) -> Contribution:
    group = side.groups[number]
    return Contribution(of, group.smiles, group.site, volts)


def _core(core: str, reference_core: str, predictions: PotentialCache) -> Contribution:
    volts = predictions[core] - predictions[reference_core]
    fragment = core if core == reference_core else f"{reference_core}>>{core}"
    return Contribution(CORE, fragment, None, volts)
