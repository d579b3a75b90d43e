"""Atoms and bonds as they are read from RDKit."""

import pytest
from rdkit import Chem

from organode.chem.graph import Atom, Graph


def graph(smiles):
    return Graph.of(Chem.MolFromSmiles(smiles))


def test_properties_of_an_atom():
    pyridinium = graph("C[n+]1ccccc1")
    assert Atom(*pyridinium.atoms[1]) == Atom(7, True, 0, 3, 4, 1, 0, True)
    assert Atom(*pyridinium.atoms[0]) == Atom(6, False, 3, 4, 4, 0, 0, False)


def test_bonds_are_sorted_with_the_lower_atom_first():
    assert graph("C1=CC1C#N").bonds == [
        (0, 1, 2.0),
        (0, 2, 1.0),
        (1, 2, 1.0),
        (2, 3, 1.0),
        (3, 4, 3.0),
    ]
    assert {order for _, _, order in graph("c1ccccc1").bonds} == {1.5}
    assert graph("CC=O").multiple == [False, True, True]


@pytest.mark.parametrize(
    ("smiles", "charge", "unpaired"),
    [("CCO", 0, 0), ("C[N+](C)(C)C", 1, 0), ("[O-]C(=O)C([O-])=O", -2, 0), ("CC[O]", 0, 1)],
)
def test_charge_and_unpaired_electrons(smiles, charge, unpaired):
    assert (graph(smiles).charge, graph(smiles).unpaired) == (charge, unpaired)


def test_an_atom_without_bonds():
    methane = graph("C")
    assert methane.bonds == []
    assert methane.multiple == [False]
