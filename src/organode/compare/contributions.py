"""Which fragments make the difference between a molecule and a reference, and by how much."""

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
from organode.models.predictor import Model

MOLECULE, REFERENCE, CORE = "molecule", "reference", "core"


@dataclass(frozen=True)
class Contribution:
    """A fragment's share of a difference.

    Attributes
    ----------
    of : str
        `MOLECULE` or `REFERENCE`, whose group it is, or `CORE`: what is left when all groups are
        replaced by H.
    fragment : str
        SMILES of the group, ``*`` where it is bound; of the core its SMILES, or where it is another
        one in the reference, that one, ``>>`` and the molecule's.
    atom : int or None
        The atom of the core that the group is on, counted from 0 in the canonical SMILES.
    volts : numpy.ndarray
        Shape (t,), V: of t potentials.
    """

    of: str
    fragment: str
    atom: int | None
    volts: np.ndarray

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return it for one of the potentials, in V."""
        return {
            "of": self.of, "fragment": self.fragment, "atom": self.atom,
            "volts": float(self.volts[number]),
        }  # fmt: skip


class Predictions:
    """Potentials of molecules by their SMILES, vs Fc/Fc⁺ in one solvent; each computed once."""

    def __init__(self, models: Sequence[Model], known: Mapping[str, np.ndarray]) -> None:
        self._models = models
        self._known = dict(known)

    def __getitem__(self, smiles: str) -> np.ndarray:
        return self._known[smiles]

    def add(self, smiles: Sequence[str]) -> None:
        """Predict what is not known yet.

        Raises
        ------
        MoleculeError
            If models answer one of them for another species, or not at all.
        """
        new = [each for each in dict.fromkeys(smiles) if each not in self._known]
        if not new:
            return
        described = Molecules([_as_drawn(each) for each in new])
        volts = [model.answer(described).potential.volts for model in self._models]
        self._known |= dict(zip(new, np.transpose(volts), strict=True))


def _as_drawn(smiles: str) -> Chem.Mol:
    """Return a molecule as models know it, if that is what was drawn."""
    try:
        molecule, _ = structure(smiles)
    except MoleculeError as reason:
        raise MoleculeError(f"{smiles}: {reason}") from reason
    drawn = Chem.MolFromSmiles(smiles)
    if rdMolDescriptors.CalcMolFormula(molecule) != rdMolDescriptors.CalcMolFormula(drawn):
        raise MoleculeError(f"{smiles} is read as {Chem.MolToSmiles(molecule)}")
    return molecule


def contributions(
    smiles: str, reference: str, predictions: Predictions
) -> tuple[list[Contribution], str]:
    """Share the difference between a molecule and a reference out to their fragments.

    What is outside their common core falls into groups. A group's contribution is its Shapley value
    over all sets of the molecule's groups that are there, with H in place of the others; of the
    reference's groups, the negative of it. The core has what is left.

    Parameters
    ----------
    smiles, reference : str
        Canonical SMILES of both.
    predictions : Predictions
        That know both.

    Returns
    -------
    list of Contribution
        They add up to the difference.
    remark : str
        Why there are none of groups, or what is not exact about them; mostly empty.
    """
    common = common_core(Chem.MolFromSmiles(smiles), Chem.MolFromSmiles(reference))
    if common is None:
        remark = "little in common with the reference: no contributions of groups"
        return [_core(smiles, reference, predictions)], remark
    sides = ((common.one, smiles), (common.other, reference))
    try:
        (own, bare), (its, bare_reference) = (
            _shares(side, whole, predictions) for side, whole in sides
        )
    except MoleculeError as reason:
        remark = f"no contributions of groups: {reason}"
        return [_core(smiles, reference, predictions)], remark
    found = [_group(MOLECULE, common.one, number, share) for number, share in enumerate(own)]
    found += [_group(REFERENCE, common.other, number, -share) for number, share in enumerate(its)]
    said = []
    if not common.whole:
        said.append(f"a larger common core was not looked for longer than {TIMEOUT} s")
    if max(len(own), len(its)) > MOST_EXACT:
        said.append(f"contributions of more than {MOST_EXACT} groups: means over {ORDERS} orders")
    return [*found, _core(bare, bare_reference, predictions)], "; ".join(said)


def _shares(side: Substituted, whole: str, predictions: Predictions) -> tuple[np.ndarray, str]:
    """Return each group's share, shape (n, t), and the SMILES without any."""
    n = len(side.groups)
    everyone = frozenset(range(n))
    drawn = {
        some: whole if some == everyone else side.without(everyone - some) for some in subsets(n)
    }
    predictions.add([*drawn.values()])
    worth = {some: predictions[smiles] for some, smiles in drawn.items()}
    return shapley(n, worth), drawn[frozenset()]


def _group(of: str, side: Substituted, number: int, volts: np.ndarray) -> Contribution:
    group = side.groups[number]
    return Contribution(of, group.smiles, group.site, volts)


def _core(bare: str, reference: str, predictions: Predictions) -> Contribution:
    volts = predictions[bare] - predictions[reference]
    fragment = bare if bare == reference else f"{reference}>>{bare}"
    return Contribution(CORE, fragment, None, volts)
