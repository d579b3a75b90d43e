import numpy as np
import pytest
from rdkit import Chem

from organode.chem.molecule import CLOSED_SHELL, kind
from organode.curate.xtb_reference import xtb_reference
from organode.errors import OrganodeError


@pytest.fixture(scope="module")
def neutral(embedded):
    """Closed-shell molecules of the embedded set."""
    head = embedded.head(1_000)
    kinds = head["smiles"].map(lambda smiles: kind(Chem.MolFromSmiles(smiles)))
    return head[kinds == CLOSED_SHELL].head(800)


@pytest.fixture(scope="module")
def molecules(neutral):
    return [Chem.MolFromSmiles(smiles) for smiles in neutral["smiles"]]


def test_reference_is_close_to_the_electronegativity_by_xtb(neutral, molecules, root):
    predicted = xtb_reference(molecules, root / "data/embedded/molecules.csv")
    known = neutral[["IE_ipea1", "EA_ipea1"]].mean(axis=1)
    assert np.abs(predicted - known).mean() < 0.22


def test_missing_table_of_labels_is_an_error_with_remedy(tmp_path, molecules):
    with pytest.raises(OrganodeError, match=r"curate\.xtb_reference"):
        xtb_reference(molecules[:3], tmp_path / "none.csv")
