"""Tables that tests of metrics and of figures share."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def outer():
    return pd.DataFrame(
        {
            "label": [5.0, 5.0, 5.0, 9.0],
            "outer": [5.1, 4.9, 6.0, 8.0],
            "lower": [4.8, 4.5, 5.8, 6.0],
            "upper": [5.4, 5.3, 6.2, 10.0],
            "in_domain": pd.array([True, True, True, False], "boolean"),
            "similarity": [0.9, 0.85, 0.45, 0.2],
        }
    )


@pytest.fixture
def measured():
    """Potentials of two families, the second one predicted 0.3 V too high."""
    volts = np.linspace(-2, 0, 10)
    left_out = volts + np.repeat([0.1, 0.3], [6, 4])
    return pd.DataFrame({
        "name": "x", "smiles": [f"{'C' * n}O" for n in range(10)], "solvent": "ACN", "doi": "",
        "family": np.repeat(["quinone", "azine"], [6, 4]),
        "reversible": ["yes", "no"] * 5,
        "measured": volts, "left_out": left_out, "by_line": volts - 0.5,
        "lower": left_out - 0.2, "upper": left_out + 0.4,
    })  # fmt: skip
