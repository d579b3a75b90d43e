"""Turn repeat units of polymers into molecules by capping the open ends with H or methyl."""

from __future__ import annotations

from rdkit import Chem

from organode.chem.molecule import MoleculeError

CAPS = {"H": 1, "methyl": 6}  # atomic number of the atom that replaces a *
END = "*"  # in a SMILES: the chain continues here
NO_CAP = (
    "a repeat unit or attachment point (*): say what is to end it, with --cap H or --cap methyl"
)


def capped(unit: Chem.Mol, cap: str) -> tuple[str, str]:
    """Replace the open ends of a polymer's repeat unit by H or methyl.

    Parameters
    ----------
    unit : Chem.Mol
        A repeat unit with at least one open end; each open end is a dummy atom (``*``).
    cap : str
        What replaces each dummy atom: ``H`` or ``methyl``. Empty if the user chose neither; then
        the repeat unit is rejected.

    Returns
    -------
    (str, str)
        SMILES of the capped molecule, and a note that tells the user how the unit was read.

    Raises
    ------
    MoleculeError
        If `cap` is empty; if a dummy atom is not bound by exactly one single bond to an atom that
        is not a dummy atom; if a dummy atom has a charge; or if `cap` is ``H`` and a dummy atom is
        bound to a positively charged atom.

    Examples
    --------
    >>> capped(Chem.MolFromSmiles("*CC(*)O"), "H")
    ('CCO', 'repeat unit read as CCO: 2 ends capped with H')
    """
    if not cap:
        raise MoleculeError(NO_CAP)
    whole = Chem.RWMol(unit)
    ends = [atom for atom in whole.GetAtoms() if not atom.GetAtomicNum()]
    for end in ends:
        bonds = end.GetBonds()
        if len(bonds) != 1 or bonds[0].GetBondType() != Chem.BondType.SINGLE:
            raise MoleculeError("a * that is not at one single bond: no end of a repeat unit")
        beside = bonds[0].GetOtherAtom(end)
        if not beside.GetAtomicNum():
            raise MoleculeError("a * at another *: no repeat unit")
        if end.GetFormalCharge():
            raise MoleculeError("a * with a charge: draw the charge where it is in the chain")
        if cap == "H" and beside.GetFormalCharge() > 0:
            raise MoleculeError(
                "a * at a cation's atom: a hydrogen there would be an acid's; use --cap methyl"
            )
        whole.ReplaceAtom(end.GetIdx(), Chem.Atom(CAPS[cap]))
    Chem.SanitizeMol(whole)
    smiles = str(Chem.MolToSmiles(Chem.RemoveHs(whole)))
    many = "1 end" if len(ends) == 1 else f"{len(ends)} ends"
    return smiles, f"repeat unit read as {smiles}: {many} capped with {cap}"
