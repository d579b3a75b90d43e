"""The best candidates, computed by quantum chemistry and compared with what was predicted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from organode.screen.decide import ELECTRODES

COLUMNS = (
    "electrode", "rank", "id", "smiles", "status",
    "IE", "IE_lower", "IE_upper", "IE_computed", "IE_inside",
    "EA", "EA_lower", "EA_upper", "EA_computed", "EA_inside",
)  # fmt: skip


def verify(chosen: Mapping[str, pd.DataFrame], n: int, labels: Path) -> pd.DataFrame:
    """Compute IE and EA of the n best candidates of each electrode by the label engine.

    Parameters
    ----------
    chosen : mapping of str to pandas.DataFrame
        Of each electrode, as `ranked` returns them; picks come first, then the rest by rank.
    n : int
        How many of each.
    labels : Path
        CSV in which the engine keeps what is done, so that it can be gone on with.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, energies in eV; `…_inside` says whether the computed value lies inside the
        prediction's interval, and is empty where nothing was computed.
    """
    from organode.label.engine import label_table

    best = pd.concat(
        [chosen[one].sort_values(["pick", "rank"], na_position="last").head(n)
         for one in ELECTRODES],
        ignore_index=True,
    )  # fmt: skip
    found = label_table(
        best["smiles"].tolist(), labels, level="xtb", solvent=None, adiabatic=False, jobs=None
    )
    best["status"] = found["status"].to_numpy()
    for target in ("IE", "EA"):
        computed = found[target].to_numpy(float)
        best[f"{target}_computed"] = computed
        inside = pd.array(
            (computed >= best[f"{target}_lower"]) & (computed <= best[f"{target}_upper"]), "boolean"
        )
        inside[pd.isna(computed)] = pd.NA
        best[f"{target}_inside"] = inside
    return best[list(COLUMNS)]
