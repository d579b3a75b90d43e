from rdkit import Chem

from organode.chem import parse_smiles
from organode.label import xtb
from organode.label.geometry.conformer import embed
from organode.label.geometry.relaxation import ChargeState, relax
from organode.label.ions import fragments


def test_aryl_halide_anions_cleave_more_easily_than_nitroarene_anions():
    """Chlorobenzene's anion cleaves at once, nitrobenzene's is stable: Savéant 1993."""
    ions = {
        smiles: xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
        for smiles in ("Clc1ccccc1", "O=[N+]([O-])c1ccccc1", "Clc1ccc2ccccc2c1")
    }
    assert ions["Clc1ccccc1"][1].cleaved == "0-1"  # the chloride keeps the electron
    assert ions["Clc1ccccc1"][1].fragmentation < 0
    assert ions["Clc1ccccc1"][0].fragmentation > 2  # the cation does not cleave
    nitrobenzene = ions["O=[N+]([O-])c1ccccc1"][1]
    assert nitrobenzene.fragmentation is None or nitrobenzene.fragmentation > 1
    chloronaphthalene = ions["Clc1ccc2ccccc2c1"][1].fragmentation  # naphthalenes cleave more slowly
    assert chloronaphthalene > ions["Clc1ccccc1"][1].fragmentation + 0.2


def test_bond_to_an_aromatic_nitrogen_can_be_cut():
    """1-Nitropyrrole loses NO2: the ring that is left is not aromatic."""
    molecule = embed(Chem.MolFromSmiles("O=[N+]([O-])n1cccc1"))
    ion = relax(molecule, ChargeState(-1, 1))
    nitrite, ring = fragments._fragments(molecule, ion, (1, 3), ChargeState(-1, 1), None)
    assert [part.molecule.GetNumAtoms() for part in (nitrite, ring)] == [3, 9]
    assert (nitrite.state, ring.state) == (ChargeState(-1, 0), ChargeState(0, 1))


def test_fragments_keep_the_drawn_charges():
    """Benzylpyridinium splits into the benzyl radical and neutral pyridine."""
    _, reduced = xtb.label(
        parse_smiles("c1ccc(C[n+]2ccccc2)cc1"), "acetonitrile", adiabatic=True
    ).ions
    assert reduced.cleaved in ("4-5", "5-4")
    assert 0 < reduced.fragmentation < 1.5
    molecule = embed(Chem.MolFromSmiles("C[N+](C)(C)CCCl"))
    ion = relax(molecule, ChargeState(0, 1))
    chloride, rest = fragments._fragments(molecule, ion, (6, 5), ChargeState(0, 1), "water")
    assert (chloride.state, rest.state) == (ChargeState(-1, 0), ChargeState(1, 1))
    assert chloride.energy + rest.energy < sum(
        part.energy
        for part in fragments._fragments(molecule, ion, (5, 6), ChargeState(0, 1), "water")
    )
    assert [part.molecule.GetNumAtoms() for part in (chloride, rest)] == [1, 19]
