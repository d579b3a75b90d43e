"""From a cell's text to the one species that is predicted, screened or labelled."""

from __future__ import annotations

import re

from rdkit import Chem

from organode.chem.lewis.repair import KEPT
from organode.chem.lewis.standardise import standardise
from organode.chem.molecule import (
    INVALID,
    MoleculeError,
    check_composition,
    elements,
    flat_smiles,
    is_inchi,
    parse_flat,
    parse_smiles,
)
from organode.chem.reading.names import resolve
from organode.chem.reading.polymers import END, capped
from organode.chem.reading.salts import parent

DUMMY = "*"  # among a molecule's elements
MOBILE = "(H"  # of an InChI's hydrogen layer: they may be at any of several atoms


# Most SMILES show at a glance that nothing in them may be drawn in another way, which saves a
# third of the time that is spent behind the parser.
NITRO = ("[N+](=O)[O-]", "O=[N+]([O-])", "[O-][N+](=O)")
# Atoms in brackets but for [nH] and stereo centres, phosphorus, aromatic S=O, any other text.
SPECIAL = re.compile(r"\[(?!nH\]|C@)|[Pph\s]|=s|s\d*\(?=")


def is_plain(text: str) -> bool:
    """Return whether a valid SMILES has no charges but nitro groups', no radical, no S=C or S=N."""
    if "+" in text:
        for nitro in NITRO:
            text = text.replace(nitro, "N")
    if SPECIAL.search(text):
        return False
    return "S" not in text or "=" not in text.replace("=O", "").replace("O=S", "S")


def structure(cell: object, *, flat: bool = True, cap: str = "") -> tuple[Chem.Mol, str]:
    """Read a cell as the molecule that models know, standardised as curation does.

    Parameters
    ----------
    cell : object
        SMILES, InChI, name or CAS number; a text that is a valid SMILES is one.
    flat : bool
        Whether in the flat form, as models know it, or with stereo as far as it is given, as its
        energies are computed.
    cap : str
        What ends a polymer's repeat unit where its SMILES has a ``*``: one of
        `organode.chem.reading.polymers.CAPS`.

    Returns
    -------
    (Chem.Mol, str)
        One organic species, neutral or charged, closed-shell or a radical, and what was done to
        come by it, mostly nothing: a salt's parent was taken, a name looked up, a repeat unit
        capped, the structure repaired.

    Raises
    ------
    MoleculeError
        If there is none.
    """
    parse = parse_flat if flat else parse_smiles
    note = ""
    text = cell
    try:
        molecule = parse(text)
    except MoleculeError as reason:
        if not str(reason).startswith(INVALID):
            raise
        text, note = _named(str(cell).strip(), reason)
        molecule = parse(text)
    if END in str(text) and DUMMY in elements(molecule):
        text, note = capped(molecule, cap)
        molecule = parse(text)
    try:
        if is_plain(str(text)):
            check_composition(molecule)
            return molecule, note
        standard = standardise(molecule)
    except MoleculeError:
        salt = parent(molecule)
        if salt is None:
            raise
        note = _and(note, salt.note)
        standard = standardise(salt.molecule)
    molecule = standard.molecule
    done = [rule for rule in standard.rules if rule not in KEPT]
    if done:
        rules = "; ".join(done)
        note = _and(note, f"read as {flat_smiles(molecule)}: {rules}")
    if MOBILE in str(cell) and is_inchi(str(cell).strip()):
        note = _and(note, f"InChI leaves hydrogens open: read as {flat_smiles(molecule)}")
    return molecule, note


def _named(text: str, reason: MoleculeError) -> tuple[str, str]:
    """Return the SMILES of a text that is no SMILES, if it is a name."""
    try:
        return resolve(text)
    except MoleculeError as unknown:
        raise reason if str(unknown) == INVALID else unknown from None


def _and(one: str, other: str) -> str:
    return f"{one}; {other}" if one else other
