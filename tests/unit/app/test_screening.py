"""A library that is dropped on the page."""

import pandas as pd
import pytest

from helpers import ROOT
from organode.api.load import PACKAGED
from organode.app.screening import OFFERED, screen_file
from organode.errors import UsageError
from organode.models.model import Model
from organode.settings import Screen


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


def test_screening_is_watched_and_its_files_are_offered(model):
    library = pd.read_csv(ROOT / "data/embedded/library.csv").head(60).to_csv(index=False).encode()
    steps = []
    found = screen_file(
        "../library.csv", library, model, Screen(cell="flow"), lambda *step: steps.append(step)
    )
    assert found.rows == 60
    assert len(found.candidates)
    assert set(found.files) == set(OFFERED)
    assert b"library.csv" in found.files["report.html"]
    assert max(done for _, done, _ in steps) >= 60


def test_broken_library_is_one_sentence(model):
    with pytest.raises(UsageError):
        screen_file("a.csv", b"x,y\n1,2\n", model, Screen(), lambda *_: None)
