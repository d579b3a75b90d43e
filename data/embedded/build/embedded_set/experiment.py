"""Measured gas-phase energies of known molecules, and the errors of the labels against them.

The table `experiment.csv` beside this file holds values from the sources listed in `SOURCES`. The
measured ionization energies are adiabatic; so are the electron affinities, except those by electron
transmission spectroscopy. The labels are vertical: by the relaxation energy of the ion, a vertical
IE is higher and a vertical EA lower than the adiabatic value, so even an exact method would not
agree with this table exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from organode.chem import flat_smiles, parse_smiles
from organode.errors import OrganodeError
from organode.label.engine import label_table
from organode.utils.resources import explained
from organode.utils.tables import read_csv, write_csv


@dataclass(frozen=True)
class Source:
    """Source of measured values; `kind` is ``adiabatic`` or ``vertical``."""

    kind: str
    citation: str


SOURCES = {
    "nist": Source(
        "adiabatic",
        "Evaluated ionization energies (S. G. Lias) of the NIST Chemistry WebBook, NIST "
        "Standard Reference Database 69, doi 10.18434/T4D303",
    ),
    "yang2010": Source(
        "adiabatic",
        "Yang, Huang, Tzeng, J. Phys. Chem. A 114 (2010) 11144: threshold ionization",
    ),
    "kebarle1987": Source(
        "adiabatic",
        "Kebarle, Chowdhury, Chem. Rev. 87 (1987) 513, doi 10.1021/cr00079a003: "
        "electron-transfer equilibria",
    ),
    "desfrancois1999": Source(
        "adiabatic",
        "Desfrançois et al., J. Chem. Phys. 111 (1999) 4569, doi 10.1063/1.479218: "
        "photoelectron spectroscopy of the anion",
    ),
    "ando2004": Source(
        "adiabatic",
        "Ando, Kokubo, Mitsui, Nakajima, Chem. Phys. Lett. 389 (2004) 279, "
        "doi 10.1016/j.cplett.2004.03.100: photoelectron spectroscopy of the anion",
    ),
    "zhu2015": Source(
        "adiabatic",
        "Zhu, Wang, J. Chem. Phys. 143 (2015) 221102, doi 10.1063/1.4937761: "
        "photoelectron spectroscopy of the anion",
    ),
    "masubuchi2016": Source(
        "adiabatic",
        "Masubuchi, Sugawara, Nakajima, J. Chem. Phys. 145 (2016) 244306, "
        "doi 10.1063/1.4973012: photoelectron spectroscopy of the anion",
    ),
    "kregel2018": Source(
        "adiabatic",
        "Kregel, Thurston, Garand, J. Chem. Phys. 148 (2018) 234306: photoelectron "
        "spectroscopy of the anion",
    ),
    "jordan1987": Source(
        "vertical",
        "Jordan, Burrow, Chem. Rev. 87 (1987) 557, doi 10.1021/cr00079a005: electron "
        "transmission spectroscopy of unbound anions",
    ),
}

# Ends of the columns of gas-phase energies, which can be compared with the experiment.
METHODS = {"IPEA1-xTB": "ipea1", "GFN2-xTB": "gfn2", "B3LYP/6-31+G(d)": "b3lyp"}


def read_experiment() -> pd.DataFrame:
    """Read the measured values.

    Returns
    -------
    pandas.DataFrame
        A molecule in each row: `name`, `smiles`, `IE` and `EA` (eV, NaN where no reliable value is
        known), `IE_source` and `EA_source` (keys of `SOURCES`, empty where there is no value).
    """
    with (files("embedded_set") / "experiment.csv").open(encoding="utf-8") as stream:
        table = pd.read_csv(stream)
    for column in ("IE_source", "EA_source"):
        table[column] = table[column].fillna("")
    return table


def label_experiment(out: Path, *, jobs: int | None = None) -> pd.DataFrame:
    """Label the molecules with measured energies in the gas phase; write both side by side.

    Parameters
    ----------
    out : Path
        The table to write (CSV).
    jobs : int, optional
        Processes, each with a single thread; all cores when omitted.

    Returns
    -------
    pandas.DataFrame
        `name`, `smiles`, `status`, `IE_measured`, `IE_kind`, `IE_source`, `EA_measured`,
        `EA_kind`, `EA_source`, then the computed columns `IE_ipea1`, `EA_ipea1`, `IE_gfn2`,
        `EA_gfn2` (eV) and `unbound`; read back from the file.

    Raises
    ------
    OrganodeError
        If `out` cannot be written.
    """
    table = read_experiment()
    with TemporaryDirectory() as folder:
        labels = label_table(table["smiles"].tolist(), Path(folder) / "labels.csv", jobs=jobs)
    joined = pd.DataFrame({"name": table["name"], "smiles": table["smiles"]})
    joined["status"] = labels["status"]
    for target in ("IE", "EA"):
        joined[f"{target}_measured"] = table[target]
        joined[f"{target}_kind"] = [
            SOURCES[key].kind if key else "" for key in table[f"{target}_source"]
        ]
        joined[f"{target}_source"] = table[f"{target}_source"]
    for column in ("IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2"):
        joined[column] = labels[column].astype(float).round(4)
    joined["unbound"] = labels["unbound"]
    write_csv(joined, out)
    return read_labelled_experiment(out)


def read_labelled_experiment(path: Path) -> pd.DataFrame:
    """Read a table written by `label_experiment`.

    Raises
    ------
    OrganodeError
        If the file is missing or lacks a column.
    """
    try:
        table = read_csv(path)
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(f"cannot read {path}: {error}") from error
    columns = ["name", "smiles", "status"]
    columns += [f"{target}_{end}" for target in ("IE", "EA") for end in ("measured", "source")]
    columns += [f"{target}_{method}" for target in ("IE", "EA") for method in ("ipea1", "gfn2")]
    missing = [column for column in columns if column not in table]
    if missing:
        raise OrganodeError(f"{path} has no column {', '.join(missing)}; compute it again")
    return table


def with_dft(table: pd.DataFrame, exact: pd.DataFrame) -> pd.DataFrame:
    """Add the B3LYP energies to a table by `label_experiment`.

    Parameters
    ----------
    table : pandas.DataFrame
        From `label_experiment`.
    exact : pandas.DataFrame
        `smiles` (flat), `IE_b3lyp`, `EA_b3lyp`, eV.
    """
    flat = [flat_smiles(parse_smiles(smiles)) for smiles in table["smiles"]]
    added = exact.set_index("smiles")[["IE_b3lyp", "EA_b3lyp"]].reindex(flat)
    return table.drop(columns=added.columns, errors="ignore").assign(**added.reset_index(drop=True))


def accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """Compare the computed with the measured gas-phase energies.

    Parameters
    ----------
    table : pandas.DataFrame
        From `label_experiment`, with or without B3LYP energies.

    Returns
    -------
    pandas.DataFrame
        `target` (``IE``, ``EA``, and ``EA, bound``: measured EA > 0), `method`, `n`, `mae` and
        `mean_error` (computed − measured, eV), `r` (Pearson).
    """
    rows = []
    for target, name in (("IE", "IE"), ("EA", "EA"), ("EA", "EA, bound")):
        for method, end in METHODS.items():
            if f"{target}_{end}" not in table:
                continue
            pair = table[[f"{target}_measured", f"{target}_{end}"]].astype(float).dropna()
            measured, computed = pair.to_numpy().T
            if "bound" in name:
                computed, measured = computed[measured > 0], measured[measured > 0]
            error = computed - measured
            varies = len(error) > 1 and bool(np.ptp(measured) > 0) and bool(np.ptp(computed) > 0)
            rows.append(
                {
                    "target": name,
                    "method": method,
                    "n": len(error),
                    "mae": float(np.abs(error).mean()) if len(error) else float("nan"),
                    "mean_error": float(error.mean()) if len(error) else float("nan"),
                    "r": float(np.corrcoef(computed, measured)[0, 1]) if varies else float("nan"),
                }
            )
    return pd.DataFrame(rows)
