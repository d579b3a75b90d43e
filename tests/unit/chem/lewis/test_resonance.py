import csv
import random

import numpy as np
import pytest
from rdkit import Chem, rdBase

from helpers import ROOT
from organode.chem import MoleculeError, flat_smiles, parse_smiles, standardise, structure
from organode.chem.features import Molecules
from organode.chem.lewis.formula import draw, read
from organode.chem.molecule import CLOSED_SHELL, kind

EMBEDDED = ROOT / "data/embedded/molecules.csv"

# Ways to write one molecule.
SAME = [
    ["c1ccc2nsnc2c1", "c1ccc2c(c1)N=S=N2"],
    ["C1=NSN=C1", "C1=CN=S=N1"],
    ["c1ccc2cscc2c1", "C1=S=Cc2ccccc21"],
    ["c1cnc2cscc2n1", "C1=S=Cc2nccnc21"],
    ["CS(C)=O", "C[S+](C)[O-]", "O=S(C)C"],
    ["CS(C)(=O)=O", "C[S+2](C)([O-])[O-]", "C[S+](C)(=O)[O-]"],
    ["CS(C)(=O)=N", "C[S+](C)(=O)[NH-]", "C[S+]([O-])(C)=N", "C[S+2]([O-])(C)[NH-]"],
    ["CS(C)=NC", "C[S+](C)[N-]C"],
    ["O=S1c2ccccc2Sc2ccccc12", "[O-][S+]1c2ccccc2Sc2ccccc12"],
    ["O=S1C=CC=C1", "[O-][s+]1cccc1", "[O-][S+]1C=CC=C1"],
    ["CP(C)(C)=O", "C[P+](C)(C)[O-]"],
    ["CP(C)(C)=S", "C[P+](C)(C)[S-]"],
    ["CP(C)(C)=NC", "C[P+](C)(C)[N-]C"],
    ["CP(C)(C)=CC(C)=O", "C[P+](C)(C)[CH-]C(C)=O", "C[P+](C)(C)C=C(C)[O-]"],
    ["CP(C)(C)=C=P(C)(C)C", "C[P+](C)(C)[C-]=P(C)(C)C", "C[P+](C)(C)[C-2][P+](C)(C)C"],
    ["CP1(C)=NP(N)(C)=NP(F)(O)=N1", "CP1(C)=NP(F)(O)=NP(N)(C)=N1"],
    ["CC1=P(C)(C)C=CC=C1", "CC1=CC=CC=P1(C)C", "C[P+]1(C)C=CC=C[C-]1C"],
    ["CS(C)=C", "C[S+](C)[CH2-]"],
    ["CS(C)(=O)=CC(C)=O", "C[S+](C)(=O)[CH-]C(C)=O", "C[S+](C)(=O)C=C(C)[O-]"],
    ["CS(C)=C1C=CC=C1", "C[S+](C)[c-]1cccc1"],
    ["C[N+](=O)[O-]", "CN(=O)=O", "C[N+2]([O-])[O-]"],
    ["O=[N+]([O-])c1ccc(N)cc1", "[O-][N+]([O-])=C1C=CC(=[NH2+])C=C1"],
    ["CO[N+](=O)[O-]", "CON(=O)=O"],
    ["C[N+](C)(C)[O-]", "CN(C)(C)=O"],
    ["[O-][n+]1ccccc1", "O=n1ccccc1", "O=N1=CC=CC=C1"],
    ["[O-][n+]1cc[n+]([O-])cc1", "O=[n+]1ccn([O-])cc1", "O=n1ccn(=O)cc1"],
    ["C=[N+](C)[O-]", "C=N(C)=O", "[CH2-][N+](C)=O"],
    ["C[N+]([O-])=NC", "CN(=O)=NC", "C[N+](=O)[N-]C"],
    ["C[N+]([O-])=[N+](C)[O-]", "CN([O-])[N+](C)=O"],
    ["Cc1no[n+]([O-])c1C", "CC1=NON(=O)=C1C", "CC1=NO[N+]([O-])=C1C"],
    ["CN=[N+]=[N-]", "C[N-][N+]#N", "CN=N#N"],
    ["c1ccccc1N=[N+]=[N-]", "N#[N+][N-]c1ccccc1", "c1ccccc1N=N#N"],
    ["CC(=O)C=[N+]=[N-]", "CC(=O)[CH-][N+]#N", "CC([O-])=C[N+]#N", "CC(=O)C=N#N"],
    ["O=C1C=CC=CC1=[N+]=[N-]", "[O-]c1ccccc1[N+]#N"],
    ["CC#[N+][O-]", "CC#N=O", "C[C-]=[N+]=O"],
    ["CC#[N+][N-]C", "C[C-]=[N+]=NC"],
    ["CC#[N+][CH-]C", "C[C-]=[N+]=CC"],
    ["C=[N+](C)[N-]C", "[CH2-][N+](C)=NC"],
    ["C[n+]1cc([O-])on1", "C[N+]1=NOC(=O)[CH-]1", "C[n+]1cc(=O)o[n-]1"],
    ["C[n+]1c(C)oc([O-])c1C", "CC1=[N+](C)[C-](C)C(=O)O1"],
    ["C[n+]1cccc([O-])c1", "C[N+]1=CC=CC([O-])=C1"],
    ["Cn1ccc(=O)cc1", "C[n+]1ccc([O-])cc1"],
    ["CC(=O)[CH-][n+]1ccccc1", "CC([O-])=C[n+]1ccccc1"],
    ["CC(=O)[N-][n+]1ccccc1", "CC([O-])=N[n+]1ccccc1"],
    ["N#C[C-](C#N)[n+]1ccccc1", "[N-]=C=C(C#N)[n+]1ccccc1"],
    ["CCn1cc[n+](CC(=O)[O-])c1", "CC[n+]1ccn(CC(=O)[O-])c1"],
    ["CC(=O)N(C)C", "CC([O-])=[N+](C)C"],
    ["CB(C)N(C)C", "C[B-](C)=[N+](C)C"],
    ["CO[Cl+3]([O-])([O-])[O-]", "COCl(=O)(=O)=O"],
    ["CN=C=O", "C[N-][C+]=O", "C[N+]#C[O-]"],
    ["CN=S=O", "C[N-][S+]=O", "CN=[S+][O-]"],
    ["Cn1[c-][n+](C)cc1", "CN1C=CN(C)[C]1"],
    [
        "CN(C)c1ccc(C2=C([O-])C(=C3C=CC(=[N+](C)C)C=C3)C2=O)cc1",
        "CN(C)c1ccc(C2=C([O-])[C+](c3ccc(N(C)C)cc3)C2=O)cc1",
    ],
]
# Protons and atoms stay where they are.
DIFFERENT = [
    ("Oc1ccccn1", "O=c1cccc[nH]1"), ("NCC(=O)O", "[NH3+]CC(=O)[O-]"), ("CC(C)=O", "CC(=C)O"),
    ("CN=[N+]=[N-]", "CN1N=N1"), ("C[N+](=O)[O-]", "CON=O"), ("CS(C)=O", "CSOC"),
    ("C[N+]#[C-]", "CC#N"), ("C=[N+](C)[O-]", "CN1CO1"),
]  # fmt: skip


def canonical(text):
    return flat_smiles(structure(text)[0])


def orders(molecule, rng, how_many=3):
    for _ in range(how_many):
        order = rng.sample(range(molecule.GetNumAtoms()), molecule.GetNumAtoms())
        yield Chem.RenumberAtoms(molecule, order)


@pytest.mark.parametrize("texts", SAME, ids=lambda texts: texts[0])
def test_all_drawings_of_structure_have_same_form(texts):
    assert len({canonical(text) for text in texts}) == 1
    rng = random.Random(0)
    for text in texts:
        for molecule in orders(parse_smiles(text), rng):
            assert flat_smiles(standardise(molecule).molecule) == canonical(texts[0])


@pytest.mark.parametrize("text", [texts[0] for texts in SAME])
def test_form_is_stable(text):
    once = canonical(text)
    assert canonical(once) == once
    assert standardise(parse_smiles(once)).rules == ()


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_protons_and_atoms_do_not_move(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("texts", [SAME[0], SAME[4], SAME[26], SAME[30], SAME[34]])
def test_features_are_same_for_every_form(texts):
    assert_equal_inputs([structure(text)[0] for text in texts])


NEARLY = 1e-3  # single precision, and sums in another order


def assert_equal_inputs(molecules):
    described = Molecules(molecules)
    first = np.repeat(described.descriptors[:1], len(molecules), 0)
    np.testing.assert_allclose(described.descriptors, first, atol=NEARLY)
    result = described.environments(3)
    rows = [result.molecule == number for number in range(len(molecules))]
    for row in rows[1:]:
        np.testing.assert_array_equal(result.identifier[row], result.identifier[rows[0]])
        np.testing.assert_array_equal(result.count[row], result.count[rows[0]])
        np.testing.assert_allclose(result.density[row], result.density[rows[0]], atol=1e-4)


def rewritings(text, rng):
    """Yield the same molecule in other orders, as Kekulé's, with hydrogens, with charges."""
    molecule = parse_smiles(text)
    (moved,) = orders(molecule, rng, 1)
    yield Chem.MolToSmiles(moved, canonical=False)
    yield Chem.MolToSmiles(molecule, doRandom=True, kekuleSmiles=True)
    yield Chem.MolToSmiles(moved, canonical=False, allHsExplicit=True)
    yield Chem.MolToSmiles(Chem.AddHs(moved), canonical=False)
    yield from separated(molecule)
    yield from {text.replace(usual, other) for usual, other in ELSEWHERE.items()} - {text}


SEPARABLE = Chem.MolFromSmarts("[#15v5,#16v4,#16v6]=[O,S,N,C]")
# Groups as other programs write them.
ELSEWHERE = {
    "[N+](=O)[O-]": "N(=O)=O",
    "O=[N+]([O-])": "O=N(=O)",
    "[n+]([O-])": "n(=O)",
    "[N-]=[N+]=N": "N#[N+][N-]",
    "N=[N+]=[N-]": "[N-][N+]#N",
    "=[N+]=[N-]": "=N#N",
}


def separated(molecule):
    """Yield the molecule with double bonds to sulfur and phosphorus as two charges each."""
    matches = molecule.GetSubstructMatches(SEPARABLE)
    if not matches:
        return
    skeleton, lewis = read(molecule)
    valences = skeleton.valences(lewis)
    drawn = draw(molecule, skeleton, lewis)
    for onium, anion in matches:
        cation, other = drawn.GetAtomWithIdx(onium), drawn.GetAtomWithIdx(anion)
        bond = drawn.GetBondBetweenAtoms(onium, anion)
        left = cation.GetFormalCharge() < (valences[onium] - 2) // 2  # or its octet would be lost
        if left and bond.GetBondType() == Chem.BondType.DOUBLE and not other.GetFormalCharge():
            bond.SetBondType(Chem.BondType.SINGLE)
            cation.SetFormalCharge(cation.GetFormalCharge() + 1)
            other.SetFormalCharge(-1)
    yield Chem.MolToSmiles(drawn)


def by_inchi(text):
    """Return the molecule's InChI if it says where every hydrogen is, and keeps them there."""
    with rdBase.BlockLogs():
        inchi = Chem.MolToInchi(parse_smiles(text))
    if not inchi or "(H" in inchi or "/q" in inchi or "/p" in inchi:
        return []
    back = Chem.MolFromInchi(inchi)
    try:
        same = back is not None and flat_smiles(standardise(back).molecule) == canonical(text)
    except MoleculeError:
        same = False
    return [inchi] if same else []


def check(texts, rng, inputs_of):
    inchis = 0
    for text in texts:
        written = [text, *rewritings(text, rng), *by_inchi(text)]
        inchis += written[-1].startswith("InChI")
        molecules = [structure(text)[0] for text in written]
        forms = {Chem.MolToSmiles(molecule) for molecule in molecules}
        assert len(forms) == 1, (
            text,
            [*zip(written, map(Chem.MolToSmiles, molecules), strict=True)],
        )
        if inputs_of(text):
            assert_equal_inputs(molecules)
    assert inchis > len(texts) / 2


def sample(n):
    """Return embedded closed-shell molecules, those with charges, sulfur or phosphorus first."""
    with EMBEDDED.open(newline="") as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    texts = [text for text in texts if kind(Chem.MolFromSmiles(text)) == CLOSED_SHELL]
    random.Random(1).shuffle(texts)
    texts.sort(key=lambda text: not any(mark in text for mark in ("+", "P", "=S", "S(")))
    return texts[: n // 2] + texts[-(n - n // 2) :]


def test_features_of_rewritten_molecules_are_same():
    check(sample(200), random.Random(2), lambda text: len(text) % 2)


@pytest.mark.slow
def test_features_of_two_thousand_rewritten_molecules_are_same():
    check(sample(2_000), random.Random(3), lambda text: True)


@pytest.mark.parametrize(
    "drawings",
    [
        ["CC1(C)CCCC(C)(C)N1[O]", "CC1(C)CCCC(C)(C)[N+]1[O-]"],
        [
            "CC1(C)N([O])C(C)=[N+]([O-])C1(C)C",
            "CC1(C)N([O-])C(C)=[N+]([O])C1(C)C",
            "CC1(C)[N+]([O-])=C(C)N([O])C1(C)C",
        ],
        ["CC(C)(C)N([O])c1ccccc1", "CC(C)(C)[N+]([O-])=C1C=C[CH]C=C1"],
        ["Cc1cc(C)c([O])c(C)c1", "C[C]1C=C(C)C(=O)C(C)=C1"],
        ["CN1N=C(C)[N]N(C)C1=O", "CN1[N]C(C)=NN(C)C1=O"],
        ["N#C[C](C#N)C#N", "N#CC(C#N)=C=[N]"],
        ["CN1C=CC(=C2C=C[N+](C)C=C2)C=C1", "C[n+]1ccc(cc1)[C]1C=CN(C)C=C1"],
        ["CN1c2ccccc2[S+]c2ccccc21", "C[N+]1c2ccccc2Sc2ccccc21"],
        ["CN1c2ccccc2[O+]c2ccccc21", "C[N+]1c2ccccc2Oc2ccccc21"],
        ["CN(C)c1ccc([N+](c2ccccc2)c2ccccc2)cc1", "C[N+](C)c1ccc(N(c2ccccc2)c2ccccc2)cc1"],
        ["CC[N+]1C=CC(=C2C=CN(C)C=C2)C=C1", "CCN1C=CC(=C2C=C[N+](C)C=C2)C=C1"],
        [
            "CC(C)(C)c1cc([N+](=O)[O-])cc(C(C)(C)C)c1[O]",
            "CC(C)(C)C1=CC(=[N+]([O])[O-])C=C(C(C)(C)C)C1=O",
        ],
        ["CN(C)c1ccc2nc3ccc(=[N+](C)C)cc3sc2c1", "CN(C)c1ccc2nc3ccc(N(C)C)cc3[s+]c2c1"],
        ["CN(C)C1=C(N(C)C)[C+]1N(C)C", "CN(C)c1c(N(C)C)c1=[N+](C)C"],
        ["CN(C)C=CC=[N+](C)C", "C[N+](C)=CC=CN(C)C"],
        ["C[n+]1ccn(C)c1", "Cn1cc[n+](C)c1"],
        ["CN(C)c1ccc(cc1)[C+](c1ccccc1)c1ccccc1", "C[N+](C)=C1C=CC(=C(c2ccccc2)c2ccccc2)C=C1"],
    ],
)
def test_radicals_and_cations_have_unique_form(drawings):
    forms = {flat_smiles(standardise(parse_smiles(text)).molecule) for text in drawings}
    assert len(forms) == 1
    (form,) = forms
    again = standardise(parse_smiles(form))
    assert flat_smiles(again.molecule) == form
