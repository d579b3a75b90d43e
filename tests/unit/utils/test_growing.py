"""Tables written in parts are those written at once."""

import pandas as pd
import pytest

from organode.utils.growing import growing
from organode.utils.tables import read_csv

TABLE = pd.DataFrame({"id": ["a", "=1", "c", "d"], "IE": [9.12341, 8.0, None, 7.5]})


@pytest.mark.parametrize(
    ("kind", "read", "decimals"), [(".csv", read_csv, 4), (".parquet", pd.read_parquet, 9)]
)
def test_parts_make_one_table(tmp_path, kind, read, decimals):
    path = tmp_path / f"out{kind}"
    path.write_text("an earlier, longer result" * 100)
    with growing(path, kind) as table:
        table.append(TABLE[:2])
        table.append(TABLE[2:])
    pd.testing.assert_frame_equal(
        read(path), TABLE.round({"IE": decimals}), check_dtype=False, check_index_type=False
    )


def test_later_parts_get_the_types_of_the_first(tmp_path):
    path = tmp_path / "out.parquet"
    path.touch()
    with growing(path, ".parquet") as table:
        table.append(pd.DataFrame({"IE": [1.5]}))
        table.append(pd.DataFrame({"IE": [2]}))
    assert pd.read_parquet(path)["IE"].tolist() == [1.5, 2.0]
