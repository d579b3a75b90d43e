"""Vary molecules at random: exchange atoms, attach groups, fuse rings and build bridges.

Compound tables hold what people have made; variation reaches the heteroatom-rich, fused and bridged
molecules that enumerations and generative models propose.
"""

from __future__ import annotations

from random import Random

from rdkit import Chem, rdBase
from rdkit.Chem import rdChemReactions

from organode.chem import MoleculeError, check_organic, parse_smiles, standardise
from organode.chem.molecule import flat_smiles

STEPS = (1, 1, 2, 2, 3)  # changes of a molecule, one of these numbers at random

CHANGES = tuple(
    rdChemReactions.ReactionFromSmarts(f"{before}>>{after}")
    for before, after in (
        # an atom in place of another
        ("[cH:1]", "[n:1]"),
        ("[CX3H1:1]=[*:2]", "[NX2:1]=[*:2]"),
        ("[CX4H2:1]", "[O:1]"),
        ("[CX4H2:1]", "[S:1]"),
        ("[CX4H2:1]", "[NH:1]"),
        ("[CX4H2:1]", "[C:1]=O"),
        ("[CX4H2:1]", "[C:1](F)F"),
        ("[CX4H2:1]", "[Si:1](C)C"),
        ("[CX4H2:1]", "[S:1](=O)=O"),
        ("[CX4H1:1]", "[N:1]"),
        ("[CX4H1:1]", "[P:1]"),
        ("[CX4H1:1]", "[B:1]"),
        ("[OX2H0:1]", "[S:1]"),
        ("[OX2H0:1]", "[NH:1]"),
        ("[SX2H0:1]", "[O:1]"),
        ("[SX2H0:1]", "[S:1]=O"),
        ("[o:1]", "[s:1]"),
        ("[s:1]", "[nH:1]"),
        ("[nH:1]", "[o:1]"),
        ("[n:1]", "[cH:1]"),
        ("[C:1]=[OX1]", "[C:1]=S"),
        ("[C:1]=[OX1]", "[C:1]=N"),
        ("[C:1]=[OX1]", "[C:1]=C(C#N)C#N"),
        ("[C:1]=[OX1]", "[CH2:1]"),
        ("[CX4H1:1]-[CX4H1:2]", "[C:1]=[C:2]"),
        ("[CX4H2:1]-[CX4H2:2]", "[CH:1]=[CH:2]"),
        ("[CX4H2:1]-[CX4H2:2]", "[C:1]#[C:2]"),
        ("[CX4H2:1]-[CX4H2:2]", "[N:1]=[N:2]"),
        ("[CX3H1:1]=[CX3H1:2]", "[N:1]=[N:2]"),
        # a ring onto a bond
        ("[cH:1]:[cH:2]", "[c:1]1:c:c:c:c:[c:2]1"),
        ("[cH:1]:[cH:2]", "[c:1]1:n:c:c:n:[c:2]1"),
        ("[cH:1]:[cH:2]", "[c:1]1N=S=N[c:2]1"),
        ("[cH:1]:[cH:2]", "[c:1]1OCO[c:2]1"),
        ("[cH:1]:[cH:2]", "[c:1]1C(=O)NC(=O)[c:2]1"),
        ("[cH:1]:[cH:2]", "[c:1]1SC=C[c:2]1"),
        # a bridge between atoms
        ("[CX4H2:1]@;-[*:2]@;-[*:3]@;-[CX4H2:4]", "[CH:1]1-[*:2]-[*:3]-[CH:4]C1"),
        ("[CX4H2:1]@;-[*:2]@;-[*:3]@;-[CX4H2:4]", "[CH:1]1-[*:2]-[*:3]-[CH:4]1"),
        ("[CX4H2:1]@;-[*:2]@;-[CX4H2:3]", "[CH:1]1-[*:2]-[CH:3]CC1"),
        ("[CX4H2:1]@;-[*:2]@;-[CX4H2:3]", "[CH:1]1-[*:2]-[CH:3]O1"),
        ("[CX4H3:1]-[*:2]-[*:3]-[CX4H3:4]", "[CH2:1]1-[*:2]-[*:3]-[CH2:4]1"),
        # a group in place of a hydrogen atom
        *(
            ("[#6;!H0;$([cX3]),$([CX3]=C),$([CX4]):1]", f"[#6:1]{group}")
            for group in (
                *("F", "Cl", "Br", "O", "OC", "S", "SC", "N", "N(C)C", "C", "C(F)(F)F", "C=O"),
                *("C#N", "[N+](=O)[O-]", "C(=O)OC", "C(N)=O", "S(C)(=O)=O", "S(N)(=O)=O"),
                *("N=Nc1ccccc1", "c1ccccc1", "c1ccncc1", "c1cccs1", "C=C", "C#C", "P(C)(C)=O"),
                *("B(O)O", "[Si](C)(C)C", "N=C=O", "OC(C)=O", "N1CCOCC1", "n1cccc1"),
            )
        ),
        ("[N;!H0;X3;+0:1]", "[N:1]C"),
        ("[nH:1]", "[n:1]C"),
    )
)


def vary(smiles: str, random: Random) -> str | None:
    """Change a molecule at random in one to three places.

    Parameters
    ----------
    smiles : str
        A neutral molecule with closed shells.
    random : random.Random
        Chooses the changes and their places; its seed fixes the sequence.

    Returns
    -------
    str or None
        Flat canonical SMILES; None if the changes drawn do not fit the molecule or its valences.

    Examples
    --------
    >>> vary("C1CCCCC1", Random(3)) != "C1CCCCC1"
    True
    """
    molecule = Chem.MolFromSmiles(smiles)
    with rdBase.BlockLogs():
        for _ in range(random.choice(STEPS)):
            change = random.choice(CHANGES)
            matches = change.RunReactants((molecule,), maxProducts=1_000)
            if not matches:
                return None
            molecule = random.choice(matches)[0]
            try:
                Chem.SanitizeMol(molecule)
                molecule = parse_smiles(Chem.MolToSmiles(molecule))
            except ValueError:
                return None
        try:
            varied = standardise(molecule).molecule
            check_organic(varied)
        except MoleculeError:
            return None
        return flat_smiles(varied)
