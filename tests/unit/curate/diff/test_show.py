import numpy as np
import pandas as pd
import pytest

from organode.curate.diff.compare import compare
from organode.curate.diff.show import show, summary
from organode.curate.diff.version import Version

NAN = np.nan
OLD = pd.DataFrame(
    {
        "row": [0, 1, 2, 3, 4, 5],
        "smiles": ["C", "CC", "CCC", "CCO", "CO", "C[N+](=O)[O-]"],
        "IE": [12.0, 11.5, 11.0, NAN, 10.0, 9.0],
        "EA": [-3.0, -2.5, NAN, -1.0, 0.5, 1.0],
        "reference": ["absolute", "absolute", "li", "li", "li", "absolute"],
    }
)


def test_changed_labels_are_summarised_with_the_largest_as_examples():
    new = OLD.assign(IE=[12.1, 11.5, 11.4, 9.9, NAN, 9.02])
    difference = compare(OLD, new)
    assert set(difference.changes["columns"]) == {"IE"}
    assert len(difference.changes) == 5
    lines = {line.change: line for line in summary(difference)}
    assert set(lines) == {"IE changed, eV", "IE new", "IE lost"}
    line = lines["IE changed, eV"]
    assert line.rows == 3
    assert line.mean == pytest.approx((0.1 + 0.4 + 0.02) / 3)
    assert line.largest == pytest.approx(0.4)
    assert line.examples[0] == "CCC 11.0000 → 11.4000"
    assert lines["IE new"].examples == ["CCO 9.9000"]
    assert lines["IE lost"].examples == ["CO 10.0000"]


def test_output_to_a_pipe_is_neither_cut_nor_interpreted_as_markup(capsys):
    long = "C[N+](=O)[O-]" + "C" * 300
    new = pd.concat([OLD, pd.DataFrame({"row": [9], "smiles": [long], "IE": [1.0]})])
    show("a", Version("v1", "x", OLD), Version("workspace", "y", new), compare(OLD, new))
    output = capsys.readouterr().out
    assert long in output
    assert "v1         md5 x  6 rows" in output


def test_equal_versions_are_reported(capsys):
    versions = Version("v1", "x", OLD), Version("v2", "x", OLD)
    show("a", *versions, compare(OLD, OLD))
    assert "identical" in capsys.readouterr().out
    show("a", versions[0], Version("v2", "y", OLD), compare(OLD, OLD))
    assert "no molecule, label or other value differs" in capsys.readouterr().out
