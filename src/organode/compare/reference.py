"""The reference molecule: found by its name among measured ones, and what was measured of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, flat_smiles, structure
from organode.chem.features import Molecules
from organode.chem.reduction import reduced
from organode.electrochemistry import against_fc, known_references
from organode.electrochemistry.scale.laboratory import Scale
from organode.errors import UsageError
from organode.models.predictor import Model

BEST_FIRST = ("yes", "quasi", "unknown", "no")  # reversible
SHORT = re.compile(r"(.+?) \((.+)\)")  # 9,10-anthraquinone (AQ)


@dataclass(frozen=True)
class Reference:
    """What molecules are compared with.

    Attributes
    ----------
    name : str
        As the measured table has it, else as it was given.
    molecule : Chem.Mol
    """

    name: str
    molecule: Chem.Mol


@dataclass(frozen=True)
class Anchor:
    """A measured potential of the reference.

    Attributes
    ----------
    volts : float
        V vs the electrode, in the solvent.
    spread : float
        V: what bringing it from another solvent adds to an error; 0 where it was measured in this.
    source : str
        How it was measured, and where that was published.
    reversible : str
        One of `BEST_FIRST`.
    """

    volts: float
    spread: float
    source: str
    reversible: str


def find_reference(text: str, models: Iterable[Model], cap: str = "") -> Reference:
    """Find the reference by a name or an abbreviation of the measured table, or read it.

    Parameters
    ----------
    text : str
        A name, an abbreviation or both as in ``9,10-anthraquinone (AQ)``, in small or capital
        letters; or SMILES, InChI, name or CAS number as `organode.chem.structure` reads it.
    models : iterable of Model
        Whose laboratory scales are looked through.
    cap : str
        What ends repeat units.

    Raises
    ------
    UsageError
        If it is neither, or if several measured molecules have that name.
    """
    found = named(text, models)
    if len(found) > 1:
        raise UsageError(
            f"'{text}' is the name of several measured molecules: {'; '.join(found.values())}: "
            "name one in full or by its SMILES"
        )
    try:
        molecule = structure(next(iter(found), text), cap=cap)[0]
    except MoleculeError as reason:
        hint = f"; for the electrode: --electrode {text}" * (text in known_references())
        raise UsageError(
            f"reference '{text}' is no name in the table of measured potentials, and as a "
            f"structure: {reason}{hint}"
        ) from reason
    known = found or dict(_rows_of(molecule, models))
    return Reference(next(iter(known.values()), text), molecule)


def named(text: str, models: Iterable[Model]) -> dict[str, str]:
    """Return the SMILES of the measured molecules that bear a name, each with its full name."""
    asked = " ".join(text.split()).casefold()
    found: dict[str, str] = {}
    for model in models:
        for name, smiles in zip(model.scale.rows["name"], model.scale.rows["smiles"], strict=True):
            if asked in _names(name):
                found.setdefault(str(Chem.MolToSmiles(Chem.MolFromSmiles(smiles))), name)
    return found


def _names(name: str) -> set[str]:
    """Return a name in full and, where there are two, each of them."""
    parts = SHORT.fullmatch(name)
    return {each.casefold() for each in (name, *(parts.groups() if parts else ())) if each}


def _rows_of(molecule: Chem.Mol, models: Iterable[Model]) -> list[tuple[str, str]]:
    """Return SMILES and names under which a molecule was measured."""
    rows = [model.scale.rows[_measured(model.scale, molecule)] for model in models]
    return [pair for each in rows for pair in zip(each["smiles"], each["name"], strict=True)]


def anchor(model: Model, molecule: Chem.Mol, electrode: str, solvent: str) -> Anchor | None:
    """Return what was measured of a molecule, if anything was.

    Values in the solvent go before others, reversible waves before irreversible ones; of several
    that are equally good it is the median.

    Parameters
    ----------
    model : Model
        Of oxidations or reductions.
    molecule : Chem.Mol
        Flat, as models know it.
    electrode, solvent : str
        What potentials are given against and in.
    """
    scale = model.scale
    chosen = _measured(scale, molecule)
    if not chosen.any():
        return None
    rows = scale.rows.assign(volts=scale.measured)[chosen]
    here = rows["solvent"] == solvent
    rows = rows[here] if here.any() else rows
    kinds = rows["reversible"].replace("", "unknown")
    kind = next(each for each in BEST_FIRST if (kinds == each).any())
    rows = rows[kinds == kind]
    to, wider = scale.effect(solvent)
    moved = [scale.effect(code) for code in rows["solvent"]]
    volts = rows["volts"].to_numpy() + to - np.array([shift for shift, _ in moved])
    spread = 0.0 if here.any() else float(np.hypot(wider, np.mean([each for _, each in moved])))
    zero = against_fc(electrode, solvent).volts
    return Anchor(float(np.median(volts)) - zero, spread, _source(rows, kind), kind)


def _measured(scale: Scale, molecule: Chem.Mol) -> np.ndarray:
    """Return which rows of a scale are a molecule's, shape (m,), bool."""
    alike = np.asarray((scale.bits == Molecules([molecule]).bits).all(axis=1))
    flat = flat_smiles(molecule)
    for at in np.flatnonzero(alike):
        alike[at] = flat in _species(scale.rows["smiles"].iloc[at])
    return alike


def _species(smiles: str) -> Sequence[str]:
    """Return the species that a row may be about: that is drawn, and what one electron makes it.

    See `organode.electrochemistry.measured.first_waves`.
    """
    try:
        drawn = Chem.MolToSmiles(structure(smiles)[0])
    except MoleculeError:
        return ()
    return (drawn, reduced(drawn) or drawn)


def _source(rows: pd.DataFrame, kind: str) -> str:
    kinds = {"yes": "reversible", "quasi": "quasi-reversible", "no": "irreversible"}
    what = kinds.get(kind, "reversibility not known")
    solvents, dois = (sorted(set(rows[name]) - {""}) for name in ("solvent", "doi"))
    many = f"median of {len(rows)}, " if len(rows) > 1 else ""
    where = f"; doi {', '.join(dois)}" if dois else ""
    return f"{many}{what}, in {', '.join(solvents)}{where}"
