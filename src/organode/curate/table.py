"""Divide a table into clean rows, rejected rows, and rows that were merged into a clean row."""

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
from organode.curate.anchors import anchor_energies
from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts
from organode.curate.noise import label_noise
from organode.curate.outliers import is_transient, quality_flags
from organode.curate.reference.assignment import (
    Assignment,
    Evidence,
    declared,
    expand,
    to_absolute,
)
from organode.curate.reference.detect import detect
from organode.curate.xtb_reference import xtb_reference
from organode.settings import Curate
from organode.utils.progress import bar


@dataclass(frozen=True)
class Curated:
    """Result of a curation; `clean`, `rejected` and `merged` together hold each source row once.

    Attributes
    ----------
    clean : pandas.DataFrame
        `row` (number of the first source row with this structure, from 0), `smiles` (canonical,
        without stereo), `IE`, `EA` (eV vs vacuum; NaN where the source has none), `reference` (zero
        of the source row's energies: ``absolute``, the vacuum, or ``li``, Li/Li⁺),
        `reference_confidence` (0 to 1; NaN where unknown), `quality` (``ok``, or reasons to doubt a
        label), `repair` (the rules that changed the structure; often empty), `n_merged` (number of
        source rows that became this row), `IE_spread`, `EA_spread` (largest minus smallest label
        of these source rows, eV; NaN for a single source row).
    rejected : pandas.DataFrame
        `row`, `input` (the source's SMILES), `reason`, `reference`, `reference_confidence`.
    merged : pandas.DataFrame
        Source rows that became part of another, clean row: `row`, `into` (`row` of the clean row),
        `smiles`, `reference`, `reference_confidence`.
    rows : pandas.DataFrame
        Every source row before merging, in order: `row`, `input`, `raw_IE`, `raw_EA` (eV, as in the
        source), `IE`, `EA` (eV vs vacuum), `smiles` and `exact` (canonical, without and with
        stereo; empty if the structure is rejected), `repair`, `reason` (of the rejection; empty
        where accepted), `closed_shell` (neutral and without unpaired electrons), `transient`
        (short-lived radical), `reference`, `reference_confidence`, `quality`, `offset` ((IE + EA) /
        2 as in the source minus the xTB reference, eV), `residual_IE`, `residual_EA`
        (`Assignment.residuals`: energies as in the source minus out-of-fold predictions, eV),
        `residual_after_IE`, `residual_after_EA` (energies minus predictions, both vs vacuum, eV).
    references : Assignment
        Energy references of the source rows.
    noise : pandas.DataFrame
        How much labels of the same molecule differ, from `organode.curate.noise.label_noise`.
    """

    clean: pd.DataFrame
    rejected: pd.DataFrame
    merged: pd.DataFrame
    rows: pd.DataFrame
    references: Assignment
    noise: pd.DataFrame


def curate_table(raw: pd.DataFrame, settings: Curate) -> Curated:
    """Repair structures, refer energies to the vacuum, merge repeated structures, and reject rows.

    A clean row is one organic species, neutral or charged, closed-shell or a radical whose unpaired
    electron no repair rule removes, with at least one label, every label within its bounds and IE
    above EA. Rows with the same structure apart from stereo become one row, with the median of each
    label and the smallest row number. If their labels differ by more than
    `settings.largest_spread`, it is unknown which label is right, so all these rows are rejected.
    Unlikely but possible labels are kept and flagged in the column `quality`.

    Parameters
    ----------
    raw : pandas.DataFrame
        Columns `row`, `smiles`, `IE`, `EA` (eV); optionally `problem` (why the stage `fetch` could
        not read the row; null if it could), `unread` (label cells that are not numbers; null if
        there are none), and `reference` (``absolute`` or ``li``), which is needed if the settings
        name a column with the references.
    settings : Curate
        Bounds in eV, and where the energy references come from.
    """
    rows, molecules, regular = _structures(raw)
    readable = np.flatnonzero([molecule is not None for molecule in molecules])
    present = [molecule for molecule in molecules if molecule is not None]
    energies = rows[["raw_IE", "raw_EA"]].to_numpy(float)
    evidence = None
    if regular.any():
        evidence = _evidence(
            present, rows.iloc[readable], energies[readable], regular[readable], settings
        )
        rows.loc[readable, "offset"] = evidence.energies.mean(axis=1) - evidence.xtb_reference
    if evidence is not None and settings.reference == "auto":
        references = expand(detect(evidence, settings.absolute_li), readable, len(rows))
    else:
        references = _stated(raw, rows, settings)
    absolute = to_absolute(energies, references)
    rows[list(TARGETS)] = absolute
    rows["reference"] = np.where(references.li, "li", "absolute")
    rows["reference_confidence"] = references.confidence
    residuals = np.full((len(rows), 2), math.nan)
    if evidence is not None:
        residuals[readable] = absolute[readable] - evidence.model.predict(absolute[readable])
    rows[["residual_IE", "residual_EA"]] = references.residuals
    rows[["residual_after_IE", "residual_after_EA"]] = residuals
    _check_labels(rows, _notes(raw, "unread"), settings)
    kept = (rows["reason"] == "").to_numpy()
    quality = np.full(len(rows), OK_QUALITY, object)
    if evidence is not None:
        quality[kept] = quality_flags(
            residuals[kept],
            (rows["offset"] + references.applied * references.li)[kept].to_numpy(float),
            references.confidence[kept],
            closed_shell=rows.loc[kept, "closed_shell"].to_numpy(bool),
            transient=rows.loc[kept, "transient"].to_numpy(bool),
        )
    rows["quality"] = quality
    clean, rejected, merged = _merge(rows, settings.largest_spread)
    return Curated(clean, rejected, merged, rows, references, label_noise(rows[kept]))


def _structures(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Chem.Mol | None], np.ndarray]:
    """Read and repair the structure of every row of a table.

    Returns
    -------
    rows : pandas.DataFrame
        One row for each row of `raw`; the column `reason` says why the structure is rejected, and
        is empty if the structure is accepted.
    molecules : list of Chem.Mol or None
        The repaired molecule; the molecule as read if it is rejected; None if it cannot be read.
    regular : numpy.ndarray of bool
        Whether the molecule is neutral, closed-shell and not rejected, and has both labels.
    """
    columns = ["smiles", "exact", "repair", "reason", "closed_shell", "transient"]
    cells: list[tuple[str, str, str, str, bool, bool]] = []
    molecules: list[Chem.Mol | None] = []
    with bar("curate", len(raw), "rows") as progress:
        for text, problem in zip(raw["smiles"], _notes(raw, "problem"), strict=True):
            molecule = None
            try:
                if problem:
                    raise MoleculeError(problem)
                molecule = parse_smiles(text)
                standard = standardise(molecule)
                molecule = standard.molecule
                repair = "; ".join(standard.rules)
                transient = standard.radical and is_transient(molecule)
                closed_shell = kind(molecule) == CLOSED_SHELL
                flat, exact = flat_smiles(molecule), Chem.MolToSmiles(molecule)
                cells.append((flat, exact, repair, "", closed_shell, transient))
            except MoleculeError as reason:
                cells.append(("", "", "", str(reason), False, False))
            molecules.append(molecule)
            progress.advance()
    rows = pd.DataFrame(cells, columns=columns)
    rows.insert(0, "row", raw["row"].to_numpy())
    rows.insert(1, "input", raw["smiles"].to_numpy(object))
    rows["raw_IE"], rows["raw_EA"] = raw["IE"].to_numpy(float), raw["EA"].to_numpy(float)
    rows["offset"] = math.nan
    both = rows[["raw_IE", "raw_EA"]].notna().all(axis=1)
    regular = (rows["closed_shell"] & both).to_numpy()
    return rows, molecules, regular


def _notes(raw: pd.DataFrame, column: str) -> list[str]:
    """Return the notes in the column ``problem`` or ``unread``; "" for a row without a note."""
    return list(raw[column].fillna("")) if column in raw else [""] * len(raw)


def _evidence(
    molecules: list[Chem.Mol],
    rows: pd.DataFrame,
    energies: np.ndarray,
    regular: np.ndarray,
    settings: Curate,
) -> Evidence:
    """Return the data for the detection of energy references and for the quality flags."""
    scale = xtb_reference(molecules, settings.xtb_reference)
    # Rows of the same structure are in the same fold. A rejected row has no canonical SMILES: the
    # source's text decides.
    names = rows["smiles"].where(rows["smiles"] != "", rows["input"].astype(str))
    digests = (hashlib.md5(name.encode(), usedforsecurity=False).digest()[0] for name in names)
    fold = np.fromiter(digests, int, len(names)) % N_FOLDS
    model = CrossFit(environment_counts(molecules), fold, regular, extra=scale[:, None])
    return Evidence(energies, scale, regular, anchor_energies(rows["smiles"]), model)


def _stated(raw: pd.DataFrame, rows: pd.DataFrame, settings: Curate) -> Assignment:
    """Return the energy references that the settings state, without a check against energies.

    If the references are in a column of the table, rows where that column is neither ``absolute``
    nor ``li`` are rejected. If the settings ask for detection, this function is called only where
    detection is impossible, since no row has both energies: all rows then count as absolute.
    """
    if settings.reference == "auto":
        verdict = "one reference: no row has both energies, so it cannot be determined"
        references = declared([False] * len(rows), 0.0, verdict)
        return replace(references, confidence=np.full(len(rows), math.nan), scale="unknown")
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
    """Reject rows without a label, with a label outside its bounds, or with IE not above EA."""
    bounds = {target: getattr(settings, f"{target}_bounds") for target in TARGETS}
    rows["reason"] = [
        reason or _fault({"IE": ie, "EA": ea}, bounds, cells)
        for (reason, ie, ea), cells in zip(
            rows[["reason", *TARGETS]].itertuples(index=False, name=None), unread, strict=True
        )
    ]


def _fault(labels: dict[str, float], bounds: dict[str, tuple[float, float]], unread: str) -> str:
    """Return why a row's labels are rejected; an empty text if the labels are accepted."""
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
    """Merge rows of the same structure; return the clean, the rejected and the merged rows."""
    kept = rows[rows["reason"] == ""]
    groups = kept.groupby("smiles", sort=False)
    spread = groups[list(TARGETS)].max() - groups[list(TARGETS)].min()
    conflicts = spread[(spread > largest_spread).any(axis=1)]
    reasons = {
        smiles: "repeats of this structure differ by "
        + " and ".join(f"{value:.2f} eV in {target}" for target, value in values.items())
        for smiles, values in conflicts.to_dict(orient="index").items()
    }
    # IE and EA of a molecule may come from different rows: only here are they compared.
    medians = groups[list(TARGETS)].median()
    inverted = medians[medians["IE"] <= medians["EA"]].drop(conflicts.index, errors="ignore")
    reasons |= {
        str(smiles): f"repeats of this structure together have IE not above EA: {ie:.2f} and "
        f"{ea:.2f} eV"
        for smiles, ie, ea in inverted.itertuples(name=None)
    }
    in_conflict = kept["smiles"].isin(list(reasons))
    conflicting = kept[in_conflict].assign(reason=kept.loc[in_conflict, "smiles"].map(reasons))
    of_reference = ["reference", "reference_confidence"]
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
    clean["quality"] = groups["quality"].agg(_joint_quality)
    clean["repair"] = groups["repair"].agg(lambda texts: "; ".join(sorted(set(texts) - {""})))
    columns = ["row", "smiles", *TARGETS, *of_reference, "quality", "repair", "n_merged"]
    columns += [f"{target}_spread" for target in TARGETS]
    into = groups["row"].transform("first")
    merged = agreeing.assign(into=into).loc[
        agreeing["row"] != into, ["row", "into", "smiles", *of_reference]
    ]
    return (
        clean.reset_index()[columns],
        rejected[["row", "input", "reason", *of_reference]].reset_index(drop=True),
        merged.reset_index(drop=True),
    )


def _joint_quality(texts: pd.Series) -> str:
    """Return the distinct quality flags of rows that become one row; ``ok`` if there is no flag."""
    flags = dict.fromkeys(flag for text in texts for flag in text.split("; ") if flag != OK_QUALITY)
    return "; ".join(flags) or OK_QUALITY
