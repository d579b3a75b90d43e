import re

import pandas as pd

from embedded_set import card
from embedded_set.dataset import build_embedded
from embedded_set.experiment import SOURCES

NAN = float("nan")


def test_card_agrees_with_the_tables(pool, labels, dft, experiment, tmp_path):
    build_embedded(pool, labels, dft, tmp_path, experiment=experiment)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "of 3 organic species:\n3 neutral closed-shell molecules" in text
    assert "| reduced | 3 | 100.0% | 33.3% | 0.0% | 0.40 | 0.40 |" in text
    assert "2 by density functional theory" in text
    assert "| IE | all | 3 | 0.50 | +0.50 |" in text
    assert "without a label:\n2, listed" in text
    assert "| a bond broke during relaxation | 2 |" in text
    assert "66.7% of the species is unbound" in text
    assert "| **chemicals** | **all** | **2** | **2** | **2** |" in text
    assert "| chemicals | (random) | 1 | 2 | 1 |" in text
    assert "| enumerated | benzoquinone | 1 | 0 | 0 |" in text
    assert "From 3 to 8 heavy atoms. Elements: C, H, N, O." in text
    assert "| IE_ipea1 | 9.54 |" in text
    assert "| IE | B3LYP/6-31+G(d) | 1 |" in text
    assert "| IE | IPEA1-xTB | 12 | 0.25 | +0.25 | 1.000 |" in text
    assert "| EA | GFN2-xTB | 3 | 0.50 | -0.50 | 1.000 |" in text
    assert "| EA, bound | GFN2-xTB | 0 | n/a | n/a | n/a |" in text
    for source in SOURCES.values():
        assert source.citation in text
    for package in card.SOFTWARE:
        assert re.search(rf"{package} \d", text)
    assert "nan" not in text.lower().split()
    assert "CC BY 4.0" in text


def test_card_without_failures_or_families(pool, labels, dft, experiment, tmp_path):
    good = ["CCO", "CC#N", "O=C1C=CC(=O)C=C1"]
    some = pool[pool["smiles"].isin(good)].assign(family=NAN)
    for path in labels:
        table = pd.read_csv(path)
        table[table["smiles"].isin(good)].to_csv(path, index=False)
    result = build_embedded(some, labels, dft, tmp_path, experiment=experiment)
    assert result.failures.empty
    assert "None." in (tmp_path / "README.md").read_text(encoding="utf-8")
