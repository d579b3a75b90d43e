"""Explain a predicted potential: that of the molecule's bare core, and what each group adds.

The core is what remains of a molecule when atoms with a single neighbour are removed until no such
atom is left: the rings, and the chains between rings (the framework of Bemis and Murcko, J. Med.
Chem. 39 (1996) 2887, doi 10.1021/jm9602928). Atoms that are bound to the core by a double bond,
such as the oxygens of a quinone, also belong to the core. Groups are substituents on the core. The
bare core has H in place of every group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem import MoleculeError, structure
from organode.compare.contributions import PotentialCache, group_shares, variants
from organode.compare.shapley import MOST_EXACT, ORDERS
from organode.compare.substituents import Substituted, split_at
from organode.models.predictor import TargetModel

TOGETHER = 1_000  # molecules, with and without their groups, that are predicted at the same time
NO_RING = "no ring: there is no core that groups could be taken off"


@dataclass(frozen=True)
class Part:
    """A group (substituent) of a molecule, and what the group adds to each of t potentials.

    Attributes
    ----------
    fragment : str
        SMILES of the group, with ``*`` for the atom that the group is bound to, such as ``*OC``.
    atoms : tuple of int
        Indices of the group's atoms in `Explanation.molecule`.
    volts : numpy.ndarray
        Shape (t,), V: the group's Shapley value for each potential, that is, the change of the
        potential when the group replaces H, averaged over the orders in which groups can be added.
    """

    fragment: str
    atoms: tuple[int, ...]
    volts: np.ndarray


@dataclass(frozen=True)
class Explanation:
    """The potentials of a molecule, divided into those of its core and what its groups add.

    Attributes
    ----------
    molecule : Chem.Mol
        The molecule, without stereo.
    core : str
        SMILES of the bare core: the molecule with H in place of every group.
    volts : numpy.ndarray
        Shape (t,), V vs Fc/Fc⁺ in acetonitrile: t potentials of the core. Together with
        the `volts` of all groups, they add up to the potentials of the molecule.
    parts : tuple of Part
        The groups.
    remark : str
        Why the molecule could not be divided into core and groups, or why the `volts` of the groups
        are approximate; mostly empty.
    """

    molecule: Chem.Mol
    core: str
    volts: np.ndarray
    parts: tuple[Part, ...]
    remark: str

    def as_dict(self, number: int, zero: float) -> dict[str, Any]:
        """Return the explanation of the potential with index `number`, as a dictionary.

        `zero`: V, added to the potential of the core to convert to another electrode or solvent.
        """
        return {
            "molecule": str(Chem.MolToSmiles(self.molecule)),
            "core": self.core,
            "volts": float(self.volts[number]) + zero,
            "groups": [
                {
                    "fragment": part.fragment,
                    "atoms": list(part.atoms),
                    "volts": float(part.volts[number]),
                }
                for part in self.parts
            ],
            "remark": self.remark,
        }


def explain(
    models: Sequence[TargetModel],
    smiles: Sequence[str],
    *,
    cap: str = "",
    most_groups: int | None = None,
) -> list[Explanation]:
    """Explain the potentials of the first redox wave of n molecules by their cores and groups.

    Parameters
    ----------
    models : sequence of TargetModel
        t models, such as one for oxidations (``IE``) and one for reductions (``EA``).
    smiles : sequence of str
        n structures, as text that `organode.chem.structure` reads.
    cap : str
        What replaces each ``*`` of a polymer's repeat unit: ``H`` or ``methyl``. If empty, a repeat
        unit cannot be read.
    most_groups : int, optional
        A molecule with more groups is not divided, and its remark says so: the time grows with the
        number of subsets of groups. By default every molecule is divided.

    Raises
    ------
    MoleculeError
        If a structure cannot be read.

    Examples
    --------
    >>> from organode.api.load import PACKAGED
    >>> from organode.models.model import Model
    >>> models = Model.load(PACKAGED).energies
    >>> (explanation,) = explain(models, ["COC1=CC(=O)C=CC1=O"])
    >>> explanation.core, [part.fragment for part in explanation.parts]
    ('O=C1C=CC(=O)C=C1', ['*OC'])
    >>> bool(explanation.parts[0].volts[1] < 0)  # a donor makes the quinone harder to reduce
    True
    """
    divided = [_divided(_canonical(structure(text, cap=cap)[0]), most_groups) for text in smiles]
    explanations: list[Explanation] = []
    while len(explanations) < len(divided):
        predictions = PotentialCache(models, {})
        batch: list[tuple[_Divided, dict[frozenset[int], str]]] = []
        wanted: list[str] = []
        # Some molecules together take less time than each alone, all of them too much memory.
        for each in divided[len(explanations) :]:
            if batch and len(wanted) >= TOGETHER:
                break
            smiles_with = variants(each.side, each.smiles) if each.side else {}
            batch.append((each, smiles_with))
            wanted += [each.smiles, *smiles_with.values()]
        predictions.add_readable(wanted)
        explanations += [_explained(*each, predictions) for each in batch]
    return explanations


def _canonical(molecule: Chem.Mol) -> Chem.Mol:
    """Return a molecule with its atoms in the order of its canonical SMILES."""
    return Chem.MolFromSmiles(Chem.MolToSmiles(molecule))


class _Divided(NamedTuple):
    """A molecule and its SMILES; its groups if it can be divided, else a remark that says why not.

    There is neither if the molecule has no groups.
    """

    molecule: Chem.Mol
    smiles: str
    side: Substituted | None
    remark: str


def _divided(molecule: Chem.Mol, most_groups: int | None) -> _Divided:
    """Divide a molecule into its core and its groups, unless there are more than `most_groups`."""
    smiles = str(Chem.MolToSmiles(molecule))
    core = framework(molecule)
    if not core:
        return _Divided(molecule, smiles, None, NO_RING)
    side = Substituted(molecule, split_at(molecule, core))
    if most_groups is not None and len(side.groups) > most_groups:
        return _Divided(molecule, smiles, None, f"more than {most_groups} groups: not divided")
    return _Divided(molecule, smiles, side if side.groups else None, "")


def _explained(
    divided: _Divided, smiles_with: dict[frozenset[int], str], predictions: PotentialCache
) -> Explanation:
    """Return the explanation of a molecule; of one that is not divided, the whole is the core.

    `smiles_with`: the molecule with some or all of its groups, as from `variants`; empty if the
    molecule is not divided.
    """
    molecule, whole, side, remark = divided
    predictions.add([whole])
    if side is None:
        return Explanation(molecule, whole, predictions[whole], (), remark)
    try:
        shares, bare = group_shares(smiles_with, predictions)
    except MoleculeError as reason:
        remark = f"no shares of groups: {reason}"
        return Explanation(molecule, whole, predictions[whole], (), remark)
    if len(side.groups) > MOST_EXACT:
        remark = f"shares of more than {MOST_EXACT} groups: means over {ORDERS} orders"
    parts = tuple(
        Part(group.smiles, group.atoms, share)
        for group, share in zip(side.groups, shares, strict=True)
    )
    return Explanation(molecule, bare, predictions[bare], parts, remark)


def framework(molecule: Chem.Mol) -> tuple[int, ...]:
    """Return the indices of the atoms in rings and in the chains between rings.

    The result is () if the molecule has no ring.
    """
    neighbours = {
        atom.GetIdx(): {other.GetIdx() for other in atom.GetNeighbors()}
        for atom in molecule.GetAtoms()
    }
    ends = [atom for atom, others in neighbours.items() if len(others) < 2]
    while ends:
        atom = ends.pop()
        for other in neighbours.pop(atom, set()):
            neighbours[other].discard(atom)
            if len(neighbours[other]) == 1:
                ends.append(other)
    return tuple(sorted(neighbours)) if molecule.GetRingInfo().NumRings() else ()
