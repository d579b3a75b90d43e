"""From a cell to the standardised species."""

import csv

import pytest
from rdkit import Chem

from helpers import ROOT
from organode.chem import (
    MoleculeError,
    flat_smiles,
    parse_flat,
    parse_smiles,
    standardise,
    structure,
)
from organode.chem.molecule import LONGEST_SMILES, MOST_HEAVY_ATOMS, check_composition, kind
from organode.chem.reading.structure import is_covered, is_plain

EMBEDDED = ROOT / "data/embedded/molecules.csv"


def canonical(text):
    return flat_smiles(parse_smiles(text))


@pytest.mark.parametrize(
    ("text", "repaired", "words"),
    [
        ("CS([O])([O])C", "CS(C)(=O)=O", "hypervalent sulfur"),
        ("[CH2]C=C[CH2]", "C=CC=C", "conjugated path"),
        ("C[S+](C)[O-]", "CS(C)=O", "charges joined"),
        ("CCO", "CCO", ""),
        ("[O-][n+]1ccccc1", "[O-][n+]1ccccc1", ""),
    ],
)
def test_repaired_structure_has_note(text, repaired, words):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(repaired)
    assert words in note
    assert bool(note) == bool(words)


VIOLOGEN = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"


@pytest.mark.parametrize(
    ("text", "charge", "unpaired"),
    [
        ("C[CH2]", 0, 1), ("CC1(C)CCCC(C)(C)N1[O]", 0, 1), ("N#C[C](C#N)C#N", 0, 1),
        (VIOLOGEN, 2, 0), ("CN1C=CC(=C2C=C[N+](C)C=C2)C=C1", 1, 1), ("CC(=O)[O-]", -1, 0),
        ("CC1(C)CC(OC2CC(C)(C)N([O])C(C)(C)C2)CC(C)(C)N1[O]", 0, 2), ("CCO", 0, 0),
    ],
)  # fmt: skip
def test_radicals_and_ions_are_not_changed(text, charge, unpaired):
    molecule, note = structure(text)
    assert (kind(molecule), note) == ((charge, unpaired), "")
    assert Chem.MolToSmiles(molecule) == canonical(text)


def test_stereo_is_kept_on_request():
    assert Chem.MolToSmiles(structure("F/C=C\\F", flat=False)[0]) == "F/C=C\\F"
    assert Chem.MolToSmiles(structure("Cl.C[C@H](N)F", flat=False)[0]) == "C[C@H](N)F"
    assert Chem.MolToSmiles(structure("F/C=C\\F")[0]) == "FC=CF"


@pytest.mark.parametrize(
    "text", ["C~C", "CCO~CC", "CC |Z:0|", "CC.CC |C:0.0|", "C1CCC~1", "C~1CCC1",
             "c1ccccc1~CC(=O)O", "CN->B", "CC$CC", "C>C"],
)  # fmt: skip
def test_bond_without_order_is_rejected(text):
    for read in (structure, parse_smiles, lambda cell: standardise(parse_smiles(cell))):
        with pytest.raises(MoleculeError):
            read(text)


@pytest.mark.parametrize(
    "text",
    ["CC(=O) O", "CCOC (=O)C", "CCO CCN", "CCO\nCCN", "CCO\tname", "InChI=1S/CH4/h1H4 InChI",
     "CC |$_AP1;$|", "CCO |$;;R1$|", "CCÖ"],
)  # fmt: skip
def test_partly_readable_text_is_rejected(text):
    with pytest.raises(MoleculeError):
        structure(text)


@pytest.mark.parametrize("text", ["*CC", "[R]CC", "[#6;a]1ccccc1", "[C,N]CC", "CC |Sg:n:0,1::ht|"])
def test_queries_and_parts_are_rejected(text):
    with pytest.raises(MoleculeError):
        structure(text)


@pytest.mark.parametrize(
    "smiles",
    ["CCO", "C[N+](=O)[O-]", "c1ccc2ccccc2c1", "O=C1C=CC(=O)C=C1", "CS(C)=O", "CN=[N+]=[N-]"],
)
def test_inchi_equals_smiles(smiles):
    inchi = Chem.MolToInchi(Chem.MolFromSmiles(smiles))
    for text in (inchi, f" {inchi}  ", inchi.replace("InChI=1S", "inchi=1s")):
        molecule, _ = structure(text)
        assert Chem.MolToSmiles(molecule) == Chem.MolToSmiles(structure(smiles)[0])
        assert flat_smiles(parse_smiles(text)) == flat_smiles(parse_smiles(inchi))


def test_inchi_with_mobile_hydrogens_has_note(capfd):
    molecule, note = structure("InChI=1S/C3H4N2/c1-2-5-3-4-1/h1-3H,(H,4,5)")
    assert Chem.MolToSmiles(molecule) == "c1c[nH]cn1"
    assert note == "InChI leaves hydrogens open: read as c1c[nH]cn1"
    with pytest.raises(MoleculeError, match="not a valid InChI"):
        structure("InChI=1S/junk")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("n", [MOST_HEAVY_ATOMS, MOST_HEAVY_ATOMS + 1])
def test_too_large_molecules_are_rejected(n):
    for text in ("C" * n, "[CH2]" * n, "CC" + "([H])" + "C" * (n - 2)):
        if len(text) > LONGEST_SMILES:
            continue
        for read in (structure, parse_smiles):
            if n > MOST_HEAVY_ATOMS:
                with pytest.raises(MoleculeError, match=f"{n} heavy atoms: more than"):
                    read(text)
            elif "[CH2]" not in text:
                read(text)


def test_plain_smiles_need_no_standardisation():
    with EMBEDDED.open(newline="") as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    plain = [text for text in texts if is_plain(text)]
    assert len(plain) > 0.8 * len(texts)
    for text in [*plain[::5], *(plain_form for plain_form in CLEANED if is_plain(plain_form))]:
        molecule = parse_flat(text)
        assert standardise(molecule).molecule is molecule
    for text in ("C[S+](C)[O-]", "CS(C)=NC", "[CH2]C", "CP(C)C", "O=s1cccc1", "CC(=O)[O-]"):
        assert not is_plain(text)


def test_text_shows_whether_all_of_a_plain_smiles_is_covered():
    with EMBEDDED.open(newline="") as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    covered = [text for text in texts if is_plain(text) and is_covered(text)]
    assert len(covered) > 0.8 * len(texts)
    for text in [*covered[::5], "CCl", "ClC(Cl)Cl", "c1ccsc1", "N#CC#N"]:
        check_composition(parse_flat(text))
        assert is_covered(text)
    for text in ("CI", "C.C", "*C", "O", "ClCl", "BrBr", "c1ccccc1.Cl", "[nH]1nnnn1"):
        assert not is_covered(text)


# RDKit gives these charges, though they have none as written.
CLEANED = (
    "CN(=O)=O", "CN(C)(C)=O", "O=n1ccccc1", "O=n1ccn(=O)cc1", "CN=N#N", "CC(=O)C=N#N", "CC#N=O",
    "CC1=NON(=O)=C1C", "O=n1ccn(C)c1", "COCl(=O)(=O)=O", "CN(=O)=NC", "CN(=O)=N(C)=O", "C=N(C)=O",
)  # fmt: skip
