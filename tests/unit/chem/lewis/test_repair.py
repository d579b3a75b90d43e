import random
from collections import Counter

import pytest
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from organode.chem import MoleculeError, flat_smiles, parse_smiles, standardise
from organode.chem.lewis import repair as rule
from organode.chem.lewis.formula import Lewis, read, write

# What bond perception makes of a molecule, the molecule, and the rules that lead back to it.
REPAIRS = [
    ("[CH2][CH2]", "C=C", {rule.NEIGHBOURS}),
    ("C[C]([NH])O", "CC(O)=N", {rule.NEIGHBOURS}),
    ("C[N][N]C", "CN=NC", {rule.NEIGHBOURS}),
    ("CC[C][N]", "CCC#N", {rule.NEIGHBOURS}),
    ("C[N][C][N]C", "CN=C=NC", {rule.NEIGHBOURS}),
    ("[O][C][O]", "O=C=O", {rule.NEIGHBOURS}),
    ("CC1=CN(C)C=C[C]1[C]1C=CN(C)C=C1", "CC1=CN(C)C=CC1=C1C=CN(C)C=C1", {rule.NEIGHBOURS}),
    ("[CH2]C=C[CH2]", "C=CC=C", {rule.CONJUGATED}),
    ("[O]c1ccc([O])cc1", "O=C1C=CC(=O)C=C1", {rule.CONJUGATED}),
    ("[NH]c1ccc([C](C#N)C#N)cc1", "N=C1C=CC(=C(C#N)C#N)C=C1", {rule.CONJUGATED}),
    ("[S]C=C[CH2]", "S=CC=C", {rule.CONJUGATED}),
    ("C[C]1C=CC=C[CH]1", "Cc1ccccc1", {rule.NEIGHBOURS, rule.AROMATIC}),
    ("C[C]1C=C[CH]C=C1", "Cc1ccccc1", {rule.CONJUGATED, rule.AROMATIC}),
    ("[CH]1[CH][CH]c2ccccc2[CH]1", "c1ccc2ccccc2c1", {rule.NEIGHBOURS, rule.AROMATIC}),
    ("C[C]1N=C[N]O1", "Cc1ncno1", {rule.CONJUGATED, rule.AROMATIC}),
    ("CC1=CS[C](C2=[S]C=CS2)S1", "CC1=CSC(=C2SC=CS2)S1", {rule.TRIVALENT_SULFUR}),
    ("CC1=CSC(C2=[S]C=CS2)=[S]1", "CC1=CSC(=C2SC=CS2)S1", {rule.TRIVALENT_SULFUR}),
    ("C[S]([O])C", "CS(C)=O", {rule.HYPERVALENT_END}),
    ("C[S]([O])O", "CS(=O)O", {rule.HYPERVALENT_END}),
    ("[CH2][S](C)C", "C=S(C)C", {rule.HYPERVALENT_END}),
    ("C[P](C)(C)[O]", "CP(C)(C)=O", {rule.HYPERVALENT_END}),
    ("CS([O])([O])C", "CS(C)(=O)=O", {rule.HYPERVALENT}),
    ("[O]S([O])(O)c1ccccc1", "O=S(=O)(O)c1ccccc1", {rule.HYPERVALENT}),
    ("C[N]S[N]C", "CN=S=NC", {rule.HYPERVALENT}),
    ("CO[PH]([S])(OC)OC", "COP(=S)(OC)OC", {rule.NO_HYDROGEN, rule.HYPERVALENT_END}),
    ("[CH2][PH](C)(C)C", "C=P(C)(C)C", {rule.NO_HYDROGEN, rule.HYPERVALENT_END}),
    ("CN([O])[O]", "C[N+](=O)[O-]", {rule.NITRO}),
    ("CC(C)N([O])[CH]C", "CC=[N+]([O-])C(C)C", {rule.N_OXIDE}),
    ("[O]N1C=C[CH]C(F)=C1", "[O-][n+]1cccc(F)c1", {rule.N_OXIDE, rule.AROMATIC}),
    ("[O]N1C=CN([O])C(C)=C1", "Cc1c[n+]([O-])cc[n+]1[O-]", {rule.N_OXIDE, rule.AROMATIC}),
    ("C[N]N(C)[O]", "CN=[N+](C)[O-]", {rule.N_OXIDE}),
    ("CC[C][N][O]", "CCC#[N+][O-]", {rule.NEIGHBOURS, rule.N_OXIDE}),
    ("C[CH][N][N]", "CC=[N+]=[N-]", {rule.NEIGHBOURS, rule.DIAZO}),
    ("CC[N][N][N]", "CCN=[N+]=[N-]", {rule.NEIGHBOURS, rule.DIAZO}),
    ("CCN=[C]", "CC[N+]#[C-]", {rule.YLIDE}),
    ("CN1[C]N(C)C=C1", "Cn1[c-][n+](C)cc1", {rule.YLIDE, rule.AROMATIC}),
    ("CN1[Si]N(C)CC1", "CN1CC[N+](C)=[Si-]1", {rule.YLIDE}),
    ("[O]CCN1C=C[CH]C=C1", "[O-]CC[n+]1ccccc1", {rule.ZWITTERION, rule.AROMATIC}),
    ("CN(C)[N]OC1=CC=C[CH]C1=O", "C[N+](C)=NOc1ccccc1[O-]", {rule.ZWITTERION, rule.AROMATIC}),
]

CHARGES_JOINED = [
    ("C[S+](C)[O-]", "CS(C)=O"),
    ("C[S+2]([O-])([O-])C", "CS(C)(=O)=O"),
    ("C[P+](C)(C)[CH2-]", "C=P(C)(C)C"),
    ("C[n+]1ccc([O-])cc1", "Cn1ccc(=O)cc1"),
    ("C[N-]C=[N+](C)C", "CN=CN(C)C"),
    ("CC([O-])=[N+](C)C", "CC(=O)N(C)C"),
]
RADICALS = [
    ("CC1(C)CCCC(C)(C)N1[O]", rule.ONE_ELECTRON),
    ("N#C[C](C#N)C#N", rule.ONE_ELECTRON),
    ("c1ccc([C](c2ccccc2)c2ccccc2)cc1", rule.ONE_ELECTRON),
    ("CC1=NN(C)C(=O)N(C)[N]1", rule.ONE_ELECTRON),
    ("CC1=[N+]([O-])C(C)(C)C(C)(C)N1[O]", rule.ONE_ELECTRON),
    ("CC1(C)CC(OC2CC(C)(C)N([O])C(C)(C)C2)CC(C)(C)N1[O]", rule.NITROXIDES),
]
NO_RULE = "no rule can pair"
NO_SENSE = "no sensible structure"
REFUSED = [
    ("[CH2]CC[CH2]", NO_RULE), ("[CH2]c1cccc([CH2])c1", NO_RULE), ("CCC[C]CC", NO_RULE),
    ("CC[C]N(C)C", NO_RULE),
    ("[C]1[C]CCCC1", NO_SENSE), ("[c]1[c]cccc1", NO_SENSE), ("C1CC2C[C]1[CH]2", NO_SENSE),
    ("[O]N1OON([O])c2ccccc21", NO_SENSE),
]  # fmt: skip


def parsed_in_other_orders(smiles, how_many=5):
    molecule = parse_smiles(smiles)
    rng = random.Random(0)
    for _ in range(how_many):
        order = rng.sample(range(molecule.GetNumAtoms()), molecule.GetNumAtoms())
        yield Chem.RenumberAtoms(molecule, order)


def canonical(smiles):
    return flat_smiles(parse_smiles(smiles))


@pytest.mark.parametrize(("broken", "repaired", "rules"), REPAIRS)
def test_electrons_are_paired(broken, repaired, rules):
    standard = standardise(parse_smiles(broken))
    assert flat_smiles(standard.molecule) == canonical(repaired)
    assert set(standard.rules) == rules
    assert not standard.radical


@pytest.mark.parametrize(("broken", "repaired", "rules"), REPAIRS)
def test_order_of_atoms_does_not_matter(broken, repaired, rules):
    for molecule in parsed_in_other_orders(broken):
        standard = standardise(molecule)
        assert flat_smiles(standard.molecule) == canonical(repaired)
        assert set(standard.rules) == rules


@pytest.mark.parametrize(("broken", "repaired", "rules"), REPAIRS)
def test_atoms_hydrogens_and_charge_are_kept(broken, repaired, rules):
    before, after = parse_smiles(broken), standardise(parse_smiles(broken)).molecule
    if rule.NO_HYDROGEN not in rules:
        assert CalcMolFormula(after) == CalcMolFormula(before)
        assert hydrogens(after) == hydrogens(before)


def hydrogens(molecule):
    return Counter((atom.GetSymbol(), atom.GetTotalNumHs()) for atom in molecule.GetAtoms())


@pytest.mark.parametrize("repaired", [case[1] for case in REPAIRS])
def test_valid_structures_are_not_changed(repaired):
    molecule = parse_smiles(repaired)
    standard = standardise(molecule)
    assert standard.molecule is molecule
    assert (standard.rules, standard.radical) == ((), False)


@pytest.mark.parametrize(("charged", "joined"), CHARGES_JOINED)
def test_charges_become_bonds_where_possible(charged, joined):
    for molecule in parsed_in_other_orders(charged):
        standard = standardise(molecule)
        assert flat_smiles(standard.molecule) == canonical(joined)
        assert standard.rules == (rule.CHARGES,)


@pytest.mark.parametrize(("smiles", "name"), RADICALS)
def test_true_radicals_are_kept(smiles, name):
    for molecule in parsed_in_other_orders(smiles):
        standard = standardise(molecule)
        assert flat_smiles(standard.molecule) == canonical(smiles)
        assert (standard.rules, standard.radical) == ((name,), True)


def test_radical_with_wrong_bonds_is_repaired():
    standard = standardise(parse_smiles("[O]S([O])([O])C(F)(F)F"))
    assert flat_smiles(standard.molecule) == canonical("[O]S(=O)(=O)C(F)(F)F")
    assert standard.rules == (rule.HYPERVALENT, rule.ONE_ELECTRON)
    again = standardise(standard.molecule)
    assert flat_smiles(again.molecule) == flat_smiles(standard.molecule)


@pytest.mark.parametrize(("smiles", "reason"), REFUSED)
def test_rejected_molecules_have_reason(smiles, reason):
    for molecule in parsed_in_other_orders(smiles, 3):
        with pytest.raises(MoleculeError, match=reason):
            standardise(molecule)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "smiles",
    ["CC(=O)C=CC1=CC(=O)C=CC1=O", "c1ccc2cc3ccccc3cc2c1", "CN1C=CC(=C2C=CN(C)C=C2)C=C1",
     "CS(=O)(=O)c1ccc(N=Nc2ccncc2)cc1", "C1=CSC(=C2SC=CS2)S1", "O=C1C=CC(=O)c2nsnc21"],
)  # fmt: skip
def test_lost_double_bonds_are_restored(smiles, seed):
    molecule = parse_smiles(smiles)
    skeleton, lewis = read(molecule)
    orders, unpaired = list(lewis.orders), list(lewis.unpaired)
    rng = random.Random(seed)
    for bond in molecule.GetBonds():
        if orders[bond.GetIdx()] == 2 and rng.random() < 0.5:
            orders[bond.GetIdx()] = 1
            unpaired[bond.GetBeginAtomIdx()] += 1
            unpaired[bond.GetEndAtomIdx()] += 1
    broken = write(molecule, skeleton, Lewis(tuple(orders), tuple(unpaired), lewis.charges))
    assert flat_smiles(standardise(broken).molecule) == canonical(smiles)
