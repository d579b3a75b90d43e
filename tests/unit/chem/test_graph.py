"""Atoms and bonds as they are read from RDKit."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.chem.graph import Atom, Graphs

# Radicals, ions, isotopes, elements and aromatic rings of all sorts.
ODD = ["", "[H][H]", "C", "[CH3]", "[CH2]", "C[O]", "CC1(C)CCCC(C)(C)N1[O]", "[O][O]", "[C-]#[O+]",
       "C[n+]1ccccc1", "c1cc[se]c1", "c1ccc[nH]1", "O=c1cc[nH]cc1", "CS(C)(=O)=O", "CP(C)(C)=O",
       "[2H]C", "CB(C)Br", "C[N+](=O)[O-]", "[CH2-]C=C", "[CH2+]C=C", "c1ccc2c(c1)ccc1ccccc12",
       "CI", "N#N", "[C]", "F[Si](F)(F)F", "C1=Cc2cccc3cccc1c23", "[cH]1[cH][cH][nH][cH]1",
       "O=S1(=O)N=CC=C1", "[SH6]", "C[S+](C)C", "C[N](C)C", "[N]", "C=[N+]=[N-]"]  # fmt: skip


def graphs(*smiles):
    return Graphs.of([Chem.MolFromSmiles(text) for text in smiles])


def atoms(read):
    return [read.kinds[kind] for kind in read.kind.tolist()]


def test_properties_of_an_atom():
    methyl, nitrogen, *_ = atoms(graphs("C[n+]1ccccc1"))
    assert nitrogen == Atom(7, True, 0, 3, 4, 1, 0, True)
    assert methyl == Atom(6, False, 3, 4, 4, 0, 0, False)


def test_every_atom_has_the_properties_that_rdkit_gives_it():
    library = pd.read_csv(ROOT / "data/embedded/library.csv")["smiles"].iloc[::7]
    molecules = [Chem.MolFromSmiles(text) for text in [*ODD, *library]]
    read = Graphs.of(molecules)
    expected = [Atom.of(atom) for molecule in molecules for atom in molecule.GetAtoms()]
    assert atoms(read) == expected
    assert len(read.kinds) < len(expected) / 50
    places = np.repeat(np.arange(len(molecules)), [each.GetNumAtoms() for each in molecules])
    assert read.molecule.tolist() == places.tolist()


def test_bonds_are_sorted_with_the_lower_atom_first():
    read = graphs("C=O", "C1=CC1C#N")
    assert [*zip(read.begin.tolist(), read.end.tolist(), read.order.tolist(), strict=True)] == [
        (0, 1, 2.0),
        (2, 3, 2.0),
        (2, 4, 1.0),
        (3, 4, 1.0),
        (4, 5, 1.0),
        (5, 6, 3.0),
    ]
    assert {*graphs("c1ccccc1").order.tolist()} == {1.5}
    assert graphs("CC=O").multiple.tolist() == [False, True, True]


def test_charge_and_unpaired_electrons():
    read = graphs("CCO", "C[N+](C)(C)C", "", "[O-]C(=O)C([O-])=O", "CC[O]", "CC[O-]")
    assert read.charge.tolist() == [0, 1, 0, -2, 0, -1]
    assert read.unpaired.tolist() == [0, 0, 0, 0, 1, 0]
    assert graphs("C=C", "CO").of_atoms("hydrogens").tolist() == [2, 2, 3, 1]


def test_an_atom_without_bonds():
    methane = graphs("C")
    assert len(methane.begin) == 0
    assert methane.multiple.tolist() == [False]


def test_no_molecules():
    none = Graphs.of([])
    assert (none.n, none.kinds, len(none.kind), len(none.order)) == (0, [], 0, 0)


@pytest.mark.parametrize("places", [[], [2], [3, 0, 0, 1], [4, 2]])
def test_selected_molecules_are_as_if_read_alone(places):
    smiles = ["O=C1CC1", "C", "", "CC#N", "Oc1ccccc1"]
    selected = graphs(*smiles).select(places)
    alone = graphs(*(smiles[place] for place in places))
    assert atoms(selected) == atoms(alone)
    for name in ("first", "begin", "end", "order", "molecule", "charge"):
        assert getattr(selected, name).tolist() == getattr(alone, name).tolist()
    assert [*map(Chem.MolToSmiles, selected.molecules)] == [smiles[place] for place in places]
