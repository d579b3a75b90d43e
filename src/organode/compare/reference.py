"""The reference molecule of a comparison, and its measured potential."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, flat_smiles, structure
from organode.chem.features import Molecules
from organode.chem.reduction import reduced
from organode.electrochemistry import against_fc, known_references
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.names import MeasuredNames
from organode.errors import UsageError
from organode.models.predictor import TargetModel

BEST_FIRST = ("yes", "quasi", "unknown", "no")  # whether a wave was reversible


@dataclass(frozen=True)
class Reference:
    """The reference molecule, with which other molecules are compared.

    Attributes
    ----------
    name : str
        Name of the reference in the table of measured potentials; if the table does not have the
        reference, the text that the user gave.
    molecule : Chem.Mol
        Standardised structure of the reference.
    """

    name: str
    molecule: Chem.Mol


@dataclass(frozen=True)
class Anchor:
    """The measured potential of the reference molecule, to which predicted differences are added.

    Attributes
    ----------
    volts : float
        The potential, in V vs the reference electrode and in the solvent that the user chose.
    spread : float
        V: standard deviation of the conversion from another solvent; 0 if the potential was
        measured in the chosen solvent.
    source : str
        Text with the number and reversibility of the measurements, their solvents, and DOIs.
    reversible : str
        Whether the wave was reversible: ``yes``, ``quasi``, ``unknown`` or ``no``.
    """

    volts: float
    spread: float
    source: str
    reversible: str


def find_reference(text: str, models: Iterable[TargetModel], cap: str = "") -> Reference:
    """Find the reference molecule by name in the table of measured potentials, or read a structure.

    Parameters
    ----------
    text : str
        A name in the table, an abbreviation, or both as in ``9,10-anthraquinone (AQ)``, in small or
        capital letters; or a SMILES, InChI, name or CAS number that `organode.chem.structure` can
        read.
    models : iterable of TargetModel
        Models whose measured potentials (``model.scale.rows``) are searched for the name.
    cap : str
        What replaces each ``*`` in the SMILES of a polymer's repeat unit: ``H`` or ``methyl``. If
        empty, such a SMILES cannot be read.

    Raises
    ------
    UsageError
        If the text is neither a name in the table nor a readable structure, or if several measured
        molecules have the name.
    """
    models = [*models]
    name_of = dict(MeasuredNames(model.scale.rows for model in models).find(text))
    if len(name_of) > 1:
        raise UsageError(
            f"'{text}' is the name of several measured molecules: {'; '.join(name_of.values())}: "
            "give the full name or the SMILES of one of them"
        )
    try:
        molecule = structure(next(iter(name_of), text), cap=cap)[0]
    except MoleculeError as reason:
        hint = f"; for the electrode: --electrode {text}" * (text in known_references())
        raise UsageError(
            f"reference '{text}' is no name in the table of measured potentials, and as a "
            f"structure: {reason}{hint}"
        ) from reason
    name_of = name_of or dict(_rows_of(molecule, models))
    return Reference(next(iter(name_of.values()), text), molecule)


def _rows_of(molecule: Chem.Mol, models: Iterable[TargetModel]) -> Iterator[tuple[str, str]]:
    """Yield the SMILES and the name in each measurement of a molecule.

    All measurements to which the models are fitted (`model.scale.rows`) are searched.
    """
    for model in models:
        rows = model.scale.rows[_measured(model.scale, molecule)]
        yield from zip(rows["smiles"], rows["name"], strict=True)


def anchor(model: TargetModel, molecule: Chem.Mol, electrode: str, solvent: str) -> Anchor | None:
    """Return the measured potential of a molecule, or None if it was not measured.

    Values measured in `solvent` have priority over values measured in other solvents. Among
    values of equal priority, reversible waves come first, then quasi-reversible waves, then waves
    of unknown reversibility, then irreversible waves. The median of equally good values is taken.

    Parameters
    ----------
    model : TargetModel
        Model of oxidations (``IE``) or reductions (``EA``), whose laboratory scale (`model.scale`)
        has the measurements.
    molecule : Chem.Mol
        Standardised molecule, as from `organode.chem.structure`.
    electrode, solvent : str
        Reference electrode and code of the solvent of the returned potential.
    """
    scale = model.scale
    chosen = _measured(scale, molecule)
    if not chosen.any():
        return None
    rows = scale.rows.assign(volts=scale.measured)[chosen]
    in_solvent = rows["solvent"] == solvent
    rows = rows[in_solvent] if in_solvent.any() else rows
    reversible = rows["reversible"].replace("", "unknown")
    best = next(kind for kind in BEST_FIRST if (reversible == kind).any())
    rows = rows[reversible == best]
    shift, spread = scale.effect(solvent)
    effects = [scale.effect(code) for code in rows["solvent"]]
    volts = rows["volts"].to_numpy() + shift - np.array([of_row for of_row, _ in effects])
    wider = float(np.hypot(spread, np.mean([of_row for _, of_row in effects])))
    zero = against_fc(electrode, solvent).volts
    return Anchor(
        float(np.median(volts)) - zero,
        0.0 if in_solvent.any() else wider,
        _source(rows, best),
        best,
    )


def _measured(scale: Scale, molecule: Chem.Mol) -> np.ndarray:
    """Return which of the m measurements of a scale are of a molecule, shape (m,), bool."""
    same = np.asarray((scale.bits == Molecules([molecule]).bits).all(axis=1))
    flat = flat_smiles(molecule)
    for row in np.flatnonzero(same):
        same[row] = flat in _species(scale.rows["smiles"].iloc[row])
    return same


def _species(smiles: str) -> Sequence[str]:
    """Return the canonical SMILES of the species that a measurement may belong to.

    `smiles` is the molecule of the measurement. The species are this molecule and, if it is a
    cation with two or more charges, the radical that forms from it by one-electron reduction: the
    second wave of the cation is listed among the measurements as the first wave of this radical.
    The result is empty if the SMILES cannot be read.
    """
    try:
        written = Chem.MolToSmiles(structure(smiles)[0])
    except MoleculeError:
        return ()
    return (written, reduced(written) or written)


def _source(rows: pd.DataFrame, reversible: str) -> str:
    words = {"yes": "reversible", "quasi": "quasi-reversible", "no": "irreversible"}
    what = words.get(reversible, "reversibility not known")
    solvents, dois = (sorted(set(rows[name]) - {""}) for name in ("solvent", "doi"))
    many = f"median of {len(rows)}, " if len(rows) > 1 else ""
    where = f"; doi {', '.join(dois)}" if dois else ""
    return f"{many}{what}, in {', '.join(solvents)}{where}"
