"""Read the text in a cell of a table as a standardised molecule or ion."""

from __future__ import annotations

import re

from rdkit import Chem

from organode.chem.in_cell import of_salt
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

DUMMY = "*"  # symbol of a dummy atom
MOBILE = "(H"  # in an InChI: hydrogens that may be at any of several atoms


# For most SMILES, the text alone shows that there is no other Lewis structure (see `is_plain`);
# this saves a third of the time after parsing.
NITRO = ("[N+](=O)[O-]", "O=[N+]([O-])", "[O-][N+](=O)")
# Atoms in brackets except [nH] and stereo centres, phosphorus, aromatic S=O; h and space: InChI.
SPECIAL = re.compile(r"\[(?!nH\]|C@)|[Pph\s]|=s|s\d*\(?=")
# In a plain SMILES: fragments, dummy atoms and iodine, the only element that is not covered.
NOT_COVERED = re.compile(r"[.*I]")
CARBON = re.compile(r"c|C(?!l)")


def is_plain(text: str) -> bool:
    """Return whether the text of a SMILES shows that standardisation would change nothing.

    True only if the text has no phosphorus, no double bonds of sulfur except S=O, and no brackets
    except those of [nH], stereo centres and nitro groups. Then the molecule has no unpaired
    electrons, and no charges outside nitro groups.
    """
    if "+" in text:
        for nitro in NITRO:
            text = text.replace(nitro, "N")
    if SPECIAL.search(text):
        return False
    return "S" not in text or "=" not in text.replace("=O", "").replace("O=S", "S")


def is_covered(text: str) -> bool:
    """Return whether the text of a plain SMILES shows that `check_composition` would accept it.

    A SMILES is plain if `is_plain` says so.
    """
    return NOT_COVERED.search(text) is None and CARBON.search(text) is not None


def structure(cell: object, *, flat: bool = True, cap: str = "") -> tuple[Chem.Mol, str]:
    """Read a cell of a table as a molecule, standardised like the training data.

    Parameters
    ----------
    cell : object
        SMILES, InChI, name or CAS number; a text that is a valid SMILES is read as SMILES.
    flat : bool
        True drops stereo, isotopes and atom maps, as the models need. False keeps stereo, isotopes
        and atom maps, as computations of energies need, except in a structure that was repaired.
    cap : str
        What replaces each ``*`` in the SMILES of a polymer's repeat unit: ``H`` or ``methyl``. If
        empty, a repeat unit cannot be read.

    Returns
    -------
    (Chem.Mol, str)
        A single organic species, neutral or charged, closed-shell or a radical; and a note on how
        the input was changed, mostly empty: whether the parent of a salt was taken, a name was
        looked up, a repeat unit was capped, or the structure was repaired.

    Raises
    ------
    MoleculeError
        If the cell cannot be read as a single organic species.
    """
    parse = parse_flat if flat else parse_smiles
    note, salt = "", None
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
            if not is_covered(str(text)):
                check_composition(molecule)
            return molecule, note
        standard = standardise(molecule)
    except MoleculeError:
        salt = parent(molecule)
        if salt is None:
            raise
        note = _joined(note, salt.note)
        standard = standardise(salt.molecule)
    molecule = standard.molecule
    if salt is not None and salt.mass:
        of_salt(molecule, salt.mass, salt.anion)
    changes = [rule for rule in standard.rules if rule not in KEPT]
    if changes:
        note = _joined(note, f"read as {flat_smiles(molecule)}: {'; '.join(changes)}")
    if MOBILE in str(cell) and is_inchi(str(cell).strip()):
        note = _joined(note, f"InChI leaves hydrogens open: read as {flat_smiles(molecule)}")
    return molecule, note


def _named(text: str, reason: MoleculeError) -> tuple[str, str]:
    """Return the SMILES for a name or CAS number, and a note on how the text was read.

    Raises
    ------
    MoleculeError
        `reason`, the error from reading the text as a structure, if the text is not a known
        name; another error if the text is a CAS number that is wrong or unknown, or if the package
        `chemicals` is not installed.
    """
    try:
        return resolve(text)
    except MoleculeError as unknown:
        raise reason if str(unknown) == INVALID else unknown from None


def _joined(note: str, further: str) -> str:
    return f"{note}; {further}" if note else further
