"""What a look at a molecule's atoms and bonds says of the patterns that it may have."""

import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.chem.graph import Graphs
from organode.electrochemistry.stability.rules import SEPARATOR, read, sieve, split
from organode.electrochemistry.stability.sieve import Sieve

SHARE = 0.12  # of all patterns that are left to be searched, on average


def may_have(smarts, smiles):
    graphs = Graphs.of([Chem.MolFromSmiles(smiles)])
    ((result,),) = Sieve([Chem.MolFromSmarts(smarts)]).may_have(graphs)
    return result


@pytest.fixture(scope="module")
def molecules():
    """Those of the tables themselves, of the measured couples, and of the library."""
    texts = [
        smiles
        for name, columns in (
            ("rules.csv", ("catches", "spares")),
            ("cores.csv", ("examples", "counterexamples")),
        )
        for row in read(name)
        for column in columns
        for smiles in split(row[column])
    ]
    texts += pd.read_csv(ROOT / "data/measured/reversibility.csv")["smiles"].tolist()
    texts += pd.read_csv(ROOT / "data/embedded/library.csv")["smiles"].iloc[::20].tolist()
    return [Chem.MolFromSmiles(text) for text in dict.fromkeys(texts)]


def test_sieve_excludes_most_absent_patterns_only(molecules):
    texts = [row["pattern"] for name in ("rules.csv", "cores.csv") for row in read(name)]
    texts += [smarts for row in read("rules.csv") for smarts in split(row["unless"], SEPARATOR)]
    patterns = [Chem.MolFromSmarts(text) for text in dict.fromkeys(texts)]
    results = sieve().may_have(Graphs.of(molecules))[:, : len(patterns)]  # then: environments
    for molecule, result in zip(molecules, results, strict=True):
        for pattern, may_be_there in zip(patterns, result, strict=True):
            assert may_be_there or not molecule.HasSubstructMatch(pattern), (
                Chem.MolToSmarts(pattern),
                Chem.MolToSmiles(molecule),
            )
    assert results.mean() < SHARE


@pytest.mark.parametrize(
    ("smarts", "yes", "no"),
    [
        ("[OX2H]-c", "Oc1ccccc1", "COc1ccccc1"),
        ("[NX3;H1,H2;+0]", "CNC", "CN(C)C"),
        ("[#16X2,#34X2]", "CSC", "CCC"),
        ("C#N", "CC#N", "CC=N"),
        ("[N+](=O)[O-]", "C[N+](=O)[O-]", "C[N+](C)(C)CC(=O)[O-]"),
        ("OCCO", "OCCO", "OCC"),  # one is not enough
        ("[$(C#N),$(C=S)]", "CC=S", "CC=O"),
        ("[CX4;$(C(Cl)Cl);$(CBr)]", "ClC(Cl)Br", "ClCBr"),
        ("[$([$(CF)]Cl)]", "FCCl", "FCBr"),  # one environment in another
        ("[#6;v3;+0]", "C[CH2]", "CC"),
        ("[c;!H0]", "c1ccccc1", "C1CCCCC1"),
        ("[!#6;!#1]", "CO", "CC"),
        ("[C;R]", "C1CC1", "CC"),
        ("[C;!R]", "CC", "C1CC1"),
        ("C1CO1", "C1CO1", "C1CC1CO"),  # atoms of a ring
        ("C-O", "CCO", "CC=O"),  # bonds: their order
        ("CN-O", "CNO", "CNCO"),  # and both atoms
        ("C-,=O", "CC=O", "CC#N"),
        ("[$([CX2]#N)]-c", "N#Cc1ccccc1", "N#CCc1ccccc1"),  # the first atom of an environment
        ("[!$(CF)]Cl", "ClCF", "CF"),  # what must not be there is not demanded
    ],
)
def test_demands_of_patterns(smarts, yes, no):
    assert may_have(smarts, yes)
    assert not may_have(smarts, no)


@pytest.mark.parametrize("smarts", ["[C;x2]", "[C;r5]", "[R2]", "[*]", "[$(CF),N]"])
def test_undecidable_patterns_are_kept(smarts):
    assert may_have(smarts, "CC")


def test_no_molecules():
    assert Sieve([Chem.MolFromSmarts("CO")]).may_have(Graphs.of([])).shape == (0, 1)


@pytest.mark.parametrize(
    ("smarts", "yes", "no"),
    [
        ("C(O)(N)F", "OC(N)F", "OCCNCF"),  # one atom has to have all bonds
        ("N(C)(C)C", "CN(C)C", "CNC"),
        ("C(=O)-c1ccccc1", "O=Cc1ccccc1", "O=CCc1ccccc1"),
        ("[$(C(Cl)(Cl)Cl)]", "CC(Cl)(Cl)Cl", "ClCC(Cl)Cl"),
        ("c1ccc2ccccc2c1", "c1ccc2ccccc2c1", "c1ccc(cc1)-c1ncncn1"),
    ],
)
def test_demands_of_stars(smarts, yes, no):
    assert may_have(smarts, yes)
    assert not may_have(smarts, no)


def test_molecule_is_judged_alike_alone_and_among_others(molecules):
    together = sieve().may_have(Graphs.of(molecules[::50]))
    for molecule, result in zip(molecules[::50], together, strict=True):
        assert sieve().may_have(Graphs.of([molecule]))[0].tolist() == result.tolist()
