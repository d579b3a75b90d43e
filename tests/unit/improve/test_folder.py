"""The folder of a campaign."""

import pytest

from organode.errors import UsageError
from organode.improve.folder import Campaign

IDENTITY = {"library": "a", "model": "b", "given": None, "seed": 20}


def test_the_same_campaign_is_opened_again_and_another_is_refused(tmp_path):
    folder = tmp_path / "campaign"
    Campaign.open(folder, IDENTITY)
    Campaign.open(folder, IDENTITY)
    with pytest.raises(UsageError, match=r"another campaign \(model differs\)"):
        Campaign.open(folder, IDENTITY | {"model": "c"})


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        Campaign.open(tmp_path, IDENTITY)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]
