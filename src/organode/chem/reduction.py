"""What a cation of several charges becomes when it takes up an electron."""

from __future__ import annotations

from rdkit import Chem, rdBase

from organode.chem.lewis.standardise import standardise
from organode.chem.molecule import flat_smiles, kind


def reduced(smiles: str) -> str | None:
    """Return the radical that a cation of two or more charges becomes by one electron.

    Parameters
    ----------
    smiles : str
        Of the cation.

    Returns
    -------
    str or None
        Flat canonical SMILES; None of any other species, and of a cation whose charges are on no
        atom with a double bond.

    Examples
    --------
    >>> reduced("C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    'CN1C=CC(=C2C=C[N+](C)C=C2)C=C1'
    """
    molecule = Chem.RWMol(Chem.MolFromSmiles(smiles))
    found = kind(molecule)
    if found.charge < 2 or found.unpaired:
        return None
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    for bond in molecule.GetBonds():
        for cation, other in (
            (bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom()),
        ):  # fmt: skip
            if cation.GetFormalCharge() == 1 and bond.GetBondType() == Chem.BondType.DOUBLE:
                bond.SetBondType(Chem.BondType.SINGLE)
                cation.SetFormalCharge(0)
                other.SetNumExplicitHs(other.GetTotalNumHs())
                other.SetNoImplicit(True)
                other.SetNumRadicalElectrons(1)
                with rdBase.BlockLogs():
                    radical = Chem.MolFromSmiles(Chem.MolToSmiles(molecule))
                return None if radical is None else flat_smiles(standardise(radical).molecule)
    return None
