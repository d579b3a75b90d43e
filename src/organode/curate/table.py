"""From the raw rows to the clean table, the rejected rows and the merged ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import OK_QUALITY, TARGETS
from organode.chem import MoleculeError, flat_smiles, parse_smiles
from organode.chem.lewis.standardise import standardise
from organode.chem.molecule import CLOSED_SHELL, kind
from organode.curate.anchors import anchors
from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.noise import label_noise
from organode.curate.outliers import flags, is_fleeting
from organode.curate.reference import (
    Assignment,
    Table,
    declared,
    detect,
    to_absolute,
    with_rows,
)
from organode.curate.xtb_reference import xtb_reference
from organode.settings import Curate
from organode.utils.progress import bar


@dataclass(frozen=True)
class Curated:
    """What became of each source row; the first three tables together hold each row once.

    Attributes
    ----------
    clean : pandas.DataFrame
        `row`, `smiles` (flat canonical), `IE`, `EA` (eV, absolute, NaN where the source has
        none), `reference` (that the source row had: ``absolute`` or ``li``),
        `reference_confidence`, `quality` (``ok``, or what speaks against the row), `repair` (the
        rules applied to the structure), `n_merged` (source rows that the row stands for),
        `IE_spread`, `EA_spread` (largest less smallest label among them, eV; NaN for one).
    rejected : pandas.DataFrame
        `row`, `input`, `reason`, `reference`, `reference_confidence`.
    merged : pandas.DataFrame
        `row`, `into` (the clean row that stands for it), `smiles`, `reference`,
        `reference_confidence`.
    rows : pandas.DataFrame
        Every source row before merging, in order: `row`, `input`, `raw_IE`, `raw_EA` (as they
        came), `IE`, `EA` (eV, absolute), `smiles` and `exact` (flat and with stereo; empty
        where refused), `repair`, `reason` (empty where kept), `quality`, `offset` ((IE + EA) / 2
        less the xTB reference, as it came, eV), `left_IE`, `left_EA` (what the model leaves of the
        energies as they came), `left_after_IE`, `left_after_EA` (of the absolute ones).
    references : Assignment
        Of the source rows.
    noise : pandas.DataFrame
        As `label_noise` gives it.
    """

    clean: pd.DataFrame
    rejected: pd.DataFrame
    merged: pd.DataFrame
    rows: pd.DataFrame
    references: Assignment
    noise: pd.DataFrame


def curate_table(raw: pd.DataFrame, settings: Curate) -> Curated:
    """Repair structures, bring energies to one reference, merge repeats, account for every row.

    A clean row is one organic species, neutral or charged, closed-shell or a true radical, with at
    least one label, every label within its bounds and IE above EA. Rows of the same flat structure
    become one: the median of each label, under the first of their row numbers. Where they
    disagree by more than `settings.largest_spread` nobody knows which is right, so all of them
    are rejected. What is unlikely but possible stays and is flagged in `quality`.

    Parameters
    ----------
    raw : pandas.DataFrame
        Columns `row`, `smiles`, `IE`, `EA`; `problem` and `unread` where `fetch` has
        something to say of a row, and `reference` where `settings` say that a column
        of the source holds the references.
    settings : Curate
        Bounds in eV, and where the references come from.
    """
    rows, molecules, plain = _structures(raw)
    readable = np.flatnonzero([molecule is not None for molecule in molecules])
    present = [molecule for molecule in molecules if molecule is not None]
    energies = rows[["raw_IE", "raw_EA"]].to_numpy(float)
    table = None
    if plain.any():
        table = _table(present, rows.iloc[readable], energies[readable], plain[readable], settings)
        rows.loc[readable, "offset"] = table.energies.mean(axis=1) - table.xtb_reference
    if table is not None and settings.reference == "auto":
        references = with_rows(detect(table, settings.absolute_li), readable, len(rows))
    else:
        references = _stated(raw, rows, settings)
    absolute = to_absolute(energies, references)
    rows[list(TARGETS)] = absolute
    rows["reference"] = np.where(references.li, "li", "absolute")
    rows["reference_confidence"] = references.confidence
    left = np.full((len(rows), 2), math.nan)
    if table is not None:
        left[readable] = absolute[readable] - table.model.predict(absolute[readable])
    rows[["left_IE", "left_EA"]] = references.residuals
    rows[["left_after_IE", "left_after_EA"]] = left
    _check_labels(rows, _said(raw, "unread"), settings)
    kept = (rows["reason"] == "").to_numpy()
    quality = np.full(len(rows), OK_QUALITY, object)
    if table is not None:
        quality[kept] = flags(
            left[kept],
            (rows["offset"] + references.applied * references.li)[kept].to_numpy(float),
            references.confidence[kept],
            usual=rows.loc[kept, "usual"].to_numpy(bool),
            fleeting=rows.loc[kept, "fleeting"].to_numpy(bool),
        )
    rows["quality"] = quality
    clean, rejected, merged = _merge(rows, settings.largest_spread)
    return Curated(clean, rejected, merged, rows, references, label_noise(rows[kept]))


def _structures(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Chem.Mol | None], np.ndarray]:
    """Read and repair every structure.

    Returns
    -------
    rows : pandas.DataFrame
        One row for each of `raw`; `reason` says why a structure is refused.
    molecules : list of Chem.Mol or None
        The repaired molecule, or as it was read where it is refused, None where unreadable.
    plain : numpy.ndarray of bool
        Neutral, closed-shell, not refused, with both labels.
    """
    found: list[tuple[str, str, str, str, bool, bool]] = []
    molecules: list[Chem.Mol | None] = []
    with bar("curate", len(raw), "rows") as progress:
        for text, problem in zip(raw["smiles"], _said(raw, "problem"), strict=True):
            molecule = None
            try:
                if problem:
                    raise MoleculeError(problem)
                molecule = parse_smiles(text)
                standard = standardise(molecule)
                molecule = standard.molecule
                found.append((
                    flat_smiles(molecule), Chem.MolToSmiles(molecule), "; ".join(standard.rules),
                    "", kind(molecule) == CLOSED_SHELL, standard.radical and is_fleeting(molecule),
                ))  # fmt: skip
            except MoleculeError as reason:
                found.append(("", "", "", str(reason), False, False))
            molecules.append(molecule)
            progress.advance()
    rows = pd.DataFrame(found, columns=["smiles", "exact", "repair", "reason", "usual", "fleeting"])
    rows.insert(0, "row", raw["row"].to_numpy())
    rows.insert(1, "input", raw["smiles"].to_numpy(object))
    rows["raw_IE"], rows["raw_EA"] = raw["IE"].to_numpy(float), raw["EA"].to_numpy(float)
    rows["offset"] = math.nan
    both = rows[["raw_IE", "raw_EA"]].notna().all(axis=1)
    plain = (rows["usual"] & both).to_numpy()
    return rows, molecules, plain


def _said(raw: pd.DataFrame, column: str) -> list[str]:
    """Return what the stage before said of each row; mostly empty."""
    return list(raw[column].fillna("")) if column in raw else [""] * len(raw)


def _table(
    molecules: list[Chem.Mol],
    rows: pd.DataFrame,
    energies: np.ndarray,
    plain: np.ndarray,
    settings: Curate,
) -> Table:
    """Return what the detector and the checks look at."""
    scale = xtb_reference(molecules, settings.xtb_reference)
    # Rows of one structure in one fold; a refused row has none and lies in any.
    names = rows["smiles"].where(rows["smiles"] != "", rows["input"].astype(str))
    digests = (hashlib.md5(name.encode(), usedforsecurity=False).digest()[0] for name in names)
    fold = np.fromiter(digests, int, len(names)) % N_FOLDS
    model = CrossFit(environment_counts(molecules), fold, plain, extra=scale[:, None])
    return Table(energies, scale, plain, anchors(rows["smiles"]), model)


def _stated(raw: pd.DataFrame, rows: pd.DataFrame, settings: Curate) -> Assignment:
    """Return the references that the settings state; a row without one is refused."""
    if settings.reference == "auto":
        verdict = "one reference: no row carries both energies, so nothing tells which"
        found = declared([False] * len(rows), 0.0, verdict)
        return replace(found, confidence=np.full(len(rows), math.nan), scale="unknown")
    if settings.reference_column is None:
        li = settings.reference == "li"
        verdict = f"one reference, as stated in curate.reference: {settings.reference}"
        return declared([li] * len(rows), settings.absolute_li, verdict)
    stated = raw["reference"].astype("string").str.strip().str.lower()
    wrong = ~stated.isin(["absolute", "li"]).fillna(False)
    for position in np.flatnonzero(wrong & (rows["reason"] == "")):
        rows.loc[position, "reason"] = (
            f"reference '{raw['reference'].iloc[position]}' is neither absolute nor li"
        )
    verdict = f"the references that {settings.reference} states"
    return declared((stated == "li").fillna(False).tolist(), settings.absolute_li, verdict)


def _check_labels(rows: pd.DataFrame, unread: Sequence[str], settings: Curate) -> None:
    """Refuse rows without a label, or with one that no molecule can have."""
    bounds = {target: getattr(settings, f"{target}_bounds") for target in TARGETS}
    rows["reason"] = [
        reason or _wrong({"IE": ie, "EA": ea}, bounds, cells)
        for (reason, ie, ea), cells in zip(
            rows[["reason", *TARGETS]].itertuples(index=False, name=None), unread, strict=True
        )
    ]


def _wrong(labels: dict[str, float], bounds: dict[str, tuple[float, float]], unread: str) -> str:
    if all(math.isnan(value) for value in labels.values()):
        return f"no label: {unread or 'neither IE nor EA is a number'}"
    if labels["IE"] <= labels["EA"]:
        return f"IE is not above EA: {labels['IE']:.2f} and {labels['EA']:.2f} eV"
    for target, value in labels.items():
        low, high = bounds[target]
        if not (math.isnan(value) or low <= value <= high):
            return f"{target} outside {low:g} … {high:g} eV: {value:.2f} eV"
    return ""


def _merge(
    rows: pd.DataFrame, largest_spread: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    kept = rows[rows["reason"] == ""]
    groups = kept.groupby("smiles", sort=False)
    spread = groups[list(TARGETS)].max() - groups[list(TARGETS)].min()
    conflicts = spread[(spread > largest_spread).any(axis=1)]
    reasons = {
        smiles: "repeats of this structure differ by "
        + " and ".join(f"{value:.2f} eV in {target}" for target, value in values.items())
        for smiles, values in conflicts.to_dict(orient="index").items()
    }
    # Labels that came in different rows meet only here.
    medians = groups[list(TARGETS)].median()
    inverted = medians[medians["IE"] <= medians["EA"]].drop(conflicts.index, errors="ignore")
    reasons |= {
        str(smiles): f"repeats of this structure together have IE not above EA: {ie:.2f} and "
        f"{ea:.2f} eV"
        for smiles, ie, ea in inverted.itertuples(name=None)
    }
    in_conflict = kept["smiles"].isin(list(reasons))
    conflicting = kept[in_conflict].assign(reason=kept.loc[in_conflict, "smiles"].map(reasons))
    said = ["reference", "reference_confidence"]
    rejected = pd.concat([rows[rows["reason"] != ""], conflicting]).sort_values("row")
    agreeing = kept[~in_conflict]
    groups = agreeing.groupby("smiles", sort=False)
    size = groups.size()
    single = size == 1
    clean = agreeing.drop_duplicates("smiles").set_index("smiles")
    clean[list(TARGETS)] = medians.loc[clean.index]
    clean["n_merged"] = size
    for target in TARGETS:
        clean[f"{target}_spread"] = spread.loc[clean.index, target].mask(single)
    clean["quality"] = groups["quality"].agg(_one_quality)
    clean["repair"] = groups["repair"].agg(lambda texts: "; ".join(sorted(set(texts) - {""})))
    columns = ["row", "smiles", *TARGETS, *said, "quality", "repair", "n_merged"]
    columns += [f"{target}_spread" for target in TARGETS]
    into = groups["row"].transform("first")
    merged = agreeing.assign(into=into).loc[
        agreeing["row"] != into, ["row", "into", "smiles", *said]
    ]
    return (
        clean.reset_index()[columns],
        rejected[["row", "input", "reason", *said]].reset_index(drop=True),
        merged.reset_index(drop=True),
    )


def _one_quality(texts: pd.Series) -> str:
    """Return what speaks against any of the rows that became one."""
    spoken = dict.fromkeys(
        flag for text in texts for flag in text.split("; ") if flag != OK_QUALITY
    )
    return "; ".join(spoken) or OK_QUALITY
