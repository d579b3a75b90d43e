"""The map of candidates: which are labelled, and what is refused."""

import pandas as pd
import pytest

import organode
from organode import plot
from organode.api.load import PACKAGED
from organode.errors import UsageError

LIBRARY = pd.DataFrame({
    "id": ["MPT", "TMPD", "AQ", "BQ"],
    "smiles": [
        "CN1c2ccccc2Sc2ccccc21", "CN(C)c1ccc(N(C)C)cc1", "O=C1c2ccccc2C(=O)c2ccccc21",
        "CC1=C(C)C(=O)C(C)=C(C)C1=O",
    ],
})  # fmt: skip


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map") / "screened"
    organode.screen(LIBRARY, folder, model=PACKAGED, reference="SCE")
    return folder


def test_the_best_have_ranks_and_named_ones_their_names(screened):
    (axes,) = plot.map(screened, top=1, names=["AQ"]).axes
    candidates = pd.read_csv(screened / "candidates.csv")
    assert {"p", "n"} <= set(candidates["role"])
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("1") == 2
    assert "AQ" in texts
    assert axes.get_xlabel() == "E  /  V vs SCE in acetonitrile"
    _, labels = axes.get_legend_handles_labels()
    assert {label.split(" (")[0] for label in labels} == {"p-type, E_ox", "n-type, E_red"}


def test_what_cannot_be_drawn_is_refused(screened, tmp_path):
    with pytest.raises(UsageError, match=r"no candidate .* has the id 'nobody'"):
        plot.map(screened, names=["nobody"])
    with pytest.raises(UsageError, match="does not hold the result of a screening"):
        plot.map(tmp_path)
    (tmp_path / "summary.json").write_text('{"settings": {"solvent": 3}}')
    (tmp_path / "candidates.csv").write_text("id\n")
    with pytest.raises(UsageError, match="does not hold the result of a screening"):
        plot.map(str(tmp_path))


def test_molecules_of_a_symmetric_cell_are_drawn_in_both_roles(tmp_path):
    smiles = ["CC1(C)CCCC(C)(C)N1[O]", "O=C1c2ccccc2C(=O)c2ccccc21"]
    found = organode.screen(smiles, tmp_path / "s", model=PACKAGED, cell="symmetric", level=0.1)
    assert set(found["role"]) == {"np"}
    (axes,) = plot.map(tmp_path / "s").axes
    _, labels = axes.get_legend_handles_labels()
    assert len(labels) == 2
