import numpy as np
import pytest
from rdkit import Chem

from organode.curate.xtb_reference import xtb_reference
from organode.errors import OrganodeError


@pytest.fixture(scope="module")
def molecules(embedded):
    return [Chem.MolFromSmiles(smiles) for smiles in embedded["smiles"].head(800)]


def test_reference_is_close_to_the_electronegativity_by_xtb(embedded, molecules, root):
    predicted = xtb_reference(molecules, root / "data/embedded/molecules.csv")
    known = embedded[["IE_ipea1", "EA_ipea1"]].head(len(molecules)).mean(axis=1)
    assert np.abs(predicted - known).mean() < 0.2


def test_missing_table_of_labels_is_an_error_with_remedy(tmp_path, molecules):
    with pytest.raises(OrganodeError, match=r"curate\.xtb_reference"):
        xtb_reference(molecules[:3], tmp_path / "none.csv")
