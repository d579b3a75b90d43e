"""One-electron reduction of cations with several charges."""

from __future__ import annotations

from rdkit import Chem, rdBase

from organode.chem.lewis.standardise import standardise
from organode.chem.molecule import flat_smiles, kind


def reduced(smiles: str) -> str | None:
    """Return the radical that one-electron reduction makes of a cation with two or more charges.

    Parameters
    ----------
    smiles : str
        SMILES of the cation.

    Returns
    -------
    str or None
        Canonical SMILES of the radical, without stereo. None if the species has a net charge below
        +2 or unpaired electrons, if no atom with charge +1 has a double bond, or if RDKit rejects
        the radical.

    Examples
    --------
    >>> reduced("C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    'CN1C=CC(=C2C=C[N+](C)C=C2)C=C1'
    """
    molecule = Chem.RWMol(Chem.MolFromSmiles(smiles))
    species = kind(molecule)
    if species.charge < 2 or species.unpaired:
        return None
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    for bond in molecule.GetBonds():
        begin, end = bond.GetBeginAtom(), bond.GetEndAtom()
        for cation, other in ((begin, end), (end, begin)):
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
