import pandas as pd
import pytest

from organode.errors import OrganodeError, UsageError
from organode.pipeline.curate import curate
from organode.settings import Settings
from organode.utils.tables import write_table


@pytest.fixture
def raw(tmp_path):
    table = pd.DataFrame({"row": [0, 1], "smiles": ["junk", "CC.O"], "IE": [9.0, 8.0], "EA": 1.0})
    texts = {"problem": pd.array([None] * 2, "string"), "unread": pd.array([None] * 2, "string")}
    write_table(table.assign(**texts), tmp_path / "raw.parquet")
    return tmp_path / "raw.parquet"


def test_table_without_clean_rows_is_an_error_with_an_example(raw, tmp_path):
    with pytest.raises(OrganodeError, match=r"none of the 2 rows .*row 0: not a valid SMILES"):
        curate(Settings(), raw, tmp_path / "out", tmp_path / "report")
    assert [path.name for path in tmp_path.iterdir()] == ["raw.parquet"]


def test_missing_column_of_references_is_an_error_with_remedy(raw, tmp_path):
    settings = Settings.model_validate({"curate": {"reference": "column:zero"}})
    with pytest.raises(UsageError, match=r"column:zero.*run `organode fetch` again"):
        curate(settings, raw, tmp_path / "out", tmp_path / "report")
