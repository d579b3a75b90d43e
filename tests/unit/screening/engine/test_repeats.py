"""Rows that repeat the structure of an earlier row."""

import numpy as np
import pandas as pd

from organode.electrochemistry.stability.core_finder import core_finder
from organode.library.engine import Workers
from organode.library.read import fingerprint
from organode.screening.engine.parts import Parts
from organode.screening.engine.passes import PassResult
from organode.screening.engine.repeats import confirmed_repeats


def test_structures_with_the_same_key_are_distinguished(tmp_path):
    # Butane's and pentane's environments up to one bond differ in number only, these in nothing.
    smiles = ("C1CCCCC1C1CCCCC1", "C1CCC2CCCCC2C1", "C1CCCCCCCCC1", "C1CCCCC1", "C1CCCCCCCCC1")
    parsed = fingerprint(range(5), smiles, smiles, (), "", core_finder().have_core)
    assert parsed.key[2] == parsed.key[4]
    rows = pd.DataFrame({"row": range(5), "id": smiles, "smiles": smiles, "status": "ok",
                         "key": np.zeros(5, np.uint64)})  # fmt: skip
    with Parts.open(tmp_path / "out") as parts:
        result = PassResult(parts.store("estimate"), 1, 5)
        result.store.write(0, {"rows": rows})
        repeats = confirmed_repeats(result, parts.store("compare"), Workers("serial", 1), "")
    assert (repeats.rows.tolist(), repeats.firsts.tolist()) == ([4], [2])
