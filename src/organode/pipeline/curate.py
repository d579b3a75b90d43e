"""The stage `curate`: write the clean table, the rejected and merged rows, and a report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from organode.artifacts import CURATED, CURATION_SUMMARY, RAW, RAW_COLUMNS
from organode.curate.figures import draw_blocks, draw_residuals
from organode.curate.report import render, summary
from organode.curate.table import Curated, curate_table
from organode.errors import OrganodeError, UsageError
from organode.pipeline.tables.checks import check, check_accounts
from organode.settings import Settings
from organode.tracking.curation_run import CurationRun
from organode.utils.files import replacing, write_json
from organode.utils.tables import read_table, write_csv, write_table


def curate(
    settings: Settings,
    raw: Path = RAW,
    out: Path = CURATED.parent,
    report: Path = CURATION_SUMMARY.parent,
) -> Curated:
    """Curate the fetched table, write the results, and log them to MLflow.

    The folder `out` gets three tables: the clean rows (``molecules.parquet``), the rejected rows
    (``rejected.csv``), and the rows that were merged into a clean row of the same structure
    (``merged.csv``). The folder `report` gets ``summary.json``, two figures and ``report.html``.

    Parameters
    ----------
    settings : Settings
        All of `params.yaml`; the section `curate` determines the result.
    raw : Path
        The table written by the stage `fetch`.
    out, report : Path
        Folder for the three tables, and folder for the summary, the figures and the report.

    Raises
    ------
    OrganodeError
        If no row is clean, or the MLflow store cannot be reached.
    UsageError
        If `curate.reference` names a column, but the fetched table has no column `reference`.
    """
    source = _read(raw, settings)
    curated = curate_table(source, settings.curate)
    if curated.clean.empty:
        first = curated.rejected.iloc[0] if len(curated.rejected) else None
        example = f", for example row {first.row}: {first.reason}" if first is not None else ""
        raise OrganodeError(
            f"none of the {len(curated.rejected):,} rows is an organic species with a "
            f"label{example}; check the source and its column names in params.yaml (fetch.file)"
        )
    run = CurationRun.open()  # fails, if at all, before anything is written
    other_rows = {"rejected": curated.rejected, "merged": curated.merged}
    for name, table in ({"curated": curated.clean} | other_rows).items():
        check(table, name)
    check_accounts(source["row"], curated.clean, curated.rejected, curated.merged)
    write_table(curated.clean, out / CURATED.name)
    for name, table in other_rows.items():
        write_csv(table, out / f"{name}.csv")
    figures = [report / "blocks.png", report / "residuals.png"]
    draw_blocks(curated, figures[0])
    draw_residuals(curated, figures[1])
    numbers = summary(curated)
    with replacing(report / "report.html") as temporary:
        temporary.write_text(render(curated, numbers, figures), encoding="utf-8")
    write_json(report / CURATION_SUMMARY.name, numbers)
    run.log(numbers, report, settings)
    return curated


def _read(raw: Path, settings: Settings) -> pd.DataFrame:
    """Read the fetched table; with the column `reference` if `curate.reference` names a column.

    That column states the zero of each row's energies.

    Raises
    ------
    UsageError
        If the setting `curate.reference` names a column, but the table has no column `reference`.
    """
    table = read_table(raw, RAW_COLUMNS, "fetch")
    if settings.curate.reference_column is not None:
        try:
            table["reference"] = pd.read_parquet(raw, columns=["reference"])["reference"]
        except (ValueError, KeyError) as error:
            raise UsageError(
                f"curate.reference = {settings.curate.reference}, but {raw} was fetched without "
                "that column: it is kept only from a file (fetch.source=file); run `organode "
                "fetch` again"
            ) from error
    return table
