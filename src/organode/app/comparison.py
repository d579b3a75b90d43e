"""Compare molecules with a measured molecule, in a short table for the web page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from organode.compare import compare
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.models.model import Model
from organode.plot.potentials import WORD
from organode.settings import Screen


def compared(
    model: Model,
    names: Sequence[str],
    smiles: Sequence[str],
    reference: str,
    cell: Screen,
    level: float,
) -> pd.DataFrame:
    """Compare the first potentials of n molecules with those of a reference molecule, in a table.

    Parameters
    ----------
    model : Model
        The model that predicts the potentials.
    names, smiles : sequence of str
        n names, and n SMILES that can be read.
    reference : str
        The molecule to compare with: a name or an abbreviation in the table of measured potentials,
        or a structure.
    cell : Screen
        Settings with the reference electrode and the solvent of the potentials.
    level : float
        Share of values that are to lie inside the intervals, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        For each molecule, a row for its first reduction and a row for its first oxidation:
        `molecule` (name), `wave` (``reduction`` or ``oxidation``), `reference` (name of the
        reference molecule), `difference / V` (predicted potential of the molecule minus that of the
        reference molecule), `interval` (prediction interval of the difference), `measured +
        difference / V` (measured potential of the reference molecule plus the difference; NaN if
        the potential was not measured), and `fragments` (a text with each fragment and its share in
        the difference in V, without shares below 0.005 V).

    Raises
    ------
    UsageError
        If the text `reference` is neither a known name nor a structure that can be read.
    """
    table = compare(
        model.energies, smiles, reference,
        level=level, electrode=cell.reference, solvent=cell.solvent,
    )  # fmt: skip
    rows = []
    for name, row in zip(names, table.to_dict("records"), strict=True):
        for energy in reversed(model.energies):
            wave = POTENTIALS[energy.target]
            low, high = row[f"{wave}_difference_lower"], row[f"{wave}_difference_upper"]
            fragments = [
                f"{each['fragment']} {each['volts']:+.2f}"
                for each in row[f"{wave}_contributions"]
                if abs(each["volts"]) >= 0.005
            ]
            rows.append({
                "molecule": name,
                "wave": WORD[energy.target],
                "reference": row["reference"],
                "difference / V": round(row[f"{wave}_difference"], 2),
                "interval": f"{low:+.2f} to {high:+.2f}",
                "measured + difference / V": round(row[f"{wave}_anchored"], 2),
                "fragments": ", ".join(fragments),
            })  # fmt: skip
    return pd.DataFrame(rows)
