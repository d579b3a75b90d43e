"""Morgan environments of many molecules at once, against RDKit's."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from helpers import ROOT
from organode.chem.graph import Graphs
from organode.chem.morgan import centres

# Without bonds, with equal sets of bonds, with more than 64 bonds, with radicals and ions.
UNUSUAL = (
    "C", "C=C", "[H][H]", "C1CC1", "C12C3C4C1C5C2C3C45", "[CH3]", "[Na+].[Cl-]", "C" * 150,
    "c1ccc2c(c1)c1ccccc1c1ccccc21", "FS(F)(F)(F)(F)F", "[13CH3]C[15NH2]", "CC1(C)CCCC(C)(C)N1[O]",
    "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "N#CC#N",
)  # fmt: skip


@pytest.fixture(scope="module")
def molecules():
    library = pd.read_csv(ROOT / "data/embedded/library.csv")["smiles"].iloc[::50].tolist()
    return [Chem.MolFromSmiles(smiles) for smiles in (*UNUSUAL, *library)]


@pytest.mark.parametrize("radius", [0, 1, 2, 4])
def test_environments_are_those_of_rdkit(molecules, radius):
    graphs = Graphs.of(molecules)
    found = centres(graphs, radius)
    of_molecules = graphs.molecule[found.atom]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius)
    output = rdFingerprintGenerator.AdditionalOutput()
    output.AllocateBitInfoMap()
    for number, molecule in enumerate(molecules):
        generator.GetSparseCountFingerprint(molecule, additionalOutput=output)
        expected = {
            (identifier, atom, level)
            for identifier, places in output.GetBitInfoMap().items()
            for atom, level in places
        }
        mine = of_molecules == number
        atoms = found.atom[mine] - graphs.first[number]
        columns = (found.identifier[mine], atoms, found.radius[mine])
        rows = [*zip(*(column.tolist() for column in columns), strict=True)]
        assert set(rows) == expected
        assert len(rows) == len(expected)


def test_molecules_do_not_influence_each_other(molecules):
    together = centres(Graphs.of(molecules[:20]), 2)
    alone = [centres(Graphs.of([molecule]), 2) for molecule in molecules[:20]]
    identifiers = np.concatenate([each.identifier for each in alone])
    assert sorted(together.identifier.tolist()) == sorted(identifiers.tolist())


def test_no_molecules_have_no_environments():
    assert len(centres(Graphs.of([]), 2).identifier) == 0
