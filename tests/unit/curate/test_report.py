import numpy as np
import pandas as pd
import pytest

from organode.curate.figures import draw_blocks, draw_residuals
from organode.curate.report import render, summary
from organode.curate.table import curate_table
from organode.settings import Curate


@pytest.fixture(scope="module")
def curated(embedded, root):
    raw = embedded[["smiles", "IE", "EA"]].head(400).copy()
    low = np.arange(len(raw)) < 150
    raw.loc[low, ["IE", "EA"]] -= 1.4
    raw.loc[300, "IE"] += 6  # a gross outlier
    odd = [
        ("<script>alert(1)</script>", 8.0, 1.0),
        ("CS([O])([O])CC", 9.0, 0.5),
        ("[Na+].[O-]C=O", 7.0, 1.0),
        ("CN(C)[O]", 7.0, 0.5),
    ]
    raw = pd.concat([raw, pd.DataFrame(odd, columns=raw.columns)], ignore_index=True)
    raw.insert(0, "row", range(len(raw)))
    return curate_table(raw, Curate(xtb_reference=root / "data/embedded/molecules.csv"))


@pytest.fixture(scope="module")
def html(curated, tmp_path_factory):
    figures = [tmp_path_factory.mktemp("figures") / name for name in ("a.png", "b.png")]
    draw_blocks(curated, figures[0])
    draw_residuals(curated, figures[1])
    return render(curated, summary(curated), figures)


def test_shift_is_detected_in_a_small_table(curated):
    assert curated.references.is_mixed
    assert curated.references.li[:150].mean() > 0.98
    assert not curated.references.li[150:400].any()
    assert curated.references.shift == pytest.approx(1.4, abs=0.1)


def test_report_holds_counts_evidence_and_figures(html, curated):
    numbers = summary(curated)
    assert "Two references" in html
    assert "Blocks in the source" in html
    assert f"{numbers['clean']:,}" in html
    assert "two double bonds to hypervalent sulfur" in html
    assert "more than one fragment" in html
    assert "IE grossly off the cross-validated model" in html
    assert html.count("data:image/png;base64,") == 2


def test_input_is_escaped(html):
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_repairs_are_drawn_before_and_after(html):
    start = html.index("Structures repaired")
    assert html[start : html.index("<h2>Rejected")].count("<svg") >= 2


def test_report_of_a_table_without_findings(root):
    raw = pd.DataFrame({"row": [0], "smiles": ["CCO"], "IE": [8.0], "EA": [np.nan]})
    curated = curate_table(raw, Curate(xtb_reference=root / "data/embedded/molecules.csv"))
    html = render(curated, summary(curated), [])
    assert "The absolute scale of this table is in doubt" in html
    assert "No row was rejected" in html
    assert "No structure needed a repair" in html
