"""Label a table of molecules in parallel, that is, compute their IE and EA.

Finished rows are kept in a temporary file (`organode.label.partial`), from which an interrupted run
resumes. When all rows are done, the table of labels is written in the order of the input, and the
temporary file is removed. A molecule that could not be labelled has the reason in its row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pandas as pd
from joblib import cpu_count

from organode.label.ions.table import ion_table, ions_path, write_ions
from organode.label.method import Method
from organode.label.partial import header, identity, line, open_partial, read_partial
from organode.label.workers import LabellingStopped, label_all, row_record
from organode.library.chunk import Chunk, own_columns
from organode.utils.files import naming_full_disk, output_file
from organode.utils.outputs import exclusive_lock
from organode.utils.progress import bar, say
from organode.utils.tables import write_csv

NOT_COMPUTED = "not computed: the time was up"


def label_table(
    smiles: Sequence[object],
    out: Path,
    *,
    given: Chunk | None = None,
    level: Literal["xtb", "b3lyp"] = "xtb",
    solvent: str | None = None,
    adiabatic: bool = False,
    jobs: int | None = None,
    timed: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> pd.DataFrame:
    """Label every molecule and write the table to `out` (CSV).

    Parameters
    ----------
    smiles : sequence of object
        The structure in each row. A cell that cannot be read as a molecule becomes a row without
        labels, whose `status` says why.
    given : Chunk, optional
        The rows of `smiles` as read from a file. The file's ids and other columns are written to
        `out` too, and the attribute `problems` says which rows cannot be read and why.
    out : Path
        File of the table; until all rows are done, ``OUT.partial`` beside it holds finished rows.
    level : {'xtb', 'b3lyp'}
        Level of theory: extended tight binding (`organode.label.xtb`) or B3LYP/6-31+G(d)
        (`organode.label.dft`).
    solvent : str, optional
        Implicit solvent for the columns `IE` and `EA`; gas phase when omitted.
    adiabatic : bool
        Relax the ions too, so that `IE` and `EA` are adiabatic. With level ``xtb``, a table of the
        ions (`organode.label.ions.table`) is then written beside `out`: for ``labels.csv``, the
        table of the ions is ``labels.ions.parquet``.
    jobs : int, optional
        Number of processes, each with a single thread; when omitted, the number of cores.
    timed : bool
        Whether the table has the column `seconds`, the CPU time of each molecule in s.
    stop : callable
        Asked twice a second; when it returns true, the computation ends, and the `status` of rows
        that are not finished is `NOT_COMPUTED`.

    Returns
    -------
    pandas.DataFrame
        One row for each input row, in the order of the input, with the columns `Method.columns`
        (`organode.label.method`). Energies are in eV vs vacuum; `status` is ``ok`` or the reason
        why energies are missing. With level ``b3lyp``, the computation of one ion may fail; then
        only the label of the other ion (oxidised: `IE`, reduced: `EA`) is given.

    Raises
    ------
    UsageError
        If the level or the solvent is unknown, if level ``b3lyp`` is asked for and pyscf is
        missing, or if another command is writing to `out` at the same time.
    OrganodeError
        If ``OUT.partial`` belongs to another input or method, is damaged or cannot be written.
    """
    method = Method(level, solvent, adiabatic, given.cap if given is not None else "", timed)
    method.check()
    output_file(out)  # a folder is refused now, not after days of work
    with exclusive_lock(out):
        return _label_table(smiles, given, out, method, jobs or cpu_count(), stop)


def _label_table(
    smiles: Sequence[object],
    given: Chunk | None,
    out: Path,
    method: Method,
    jobs: int,
    stop: Callable[[], bool],
) -> pd.DataFrame:
    partial = out.with_name(out.name + ".partial")
    key = identity(smiles, method)
    done = read_partial(partial, key, len(smiles), method)
    if done:
        say(f"resuming after {len(done):,} finished molecules ({partial})")
    problems = given.problems if given is not None else [""] * len(smiles)
    done |= {
        row: row_record(row, smiles[row], problem)
        for row, problem in enumerate(problems)
        if problem
    }
    todo = deque(row for row in range(len(smiles)) if row not in done)
    stream = open_partial(partial)
    with (
        naming_full_disk(partial),
        stream,
        bar("label", len(smiles), "molecules", done=len(done)) as progress,
    ):
        if not partial.stat().st_size:
            stream.write(header(key))
        failed = sum(record["status"] != "ok" for record in done.values())
        with suppress(LabellingStopped):
            for record in label_all(smiles, todo, method, jobs, stop):
                stream.write(line(record))
                stream.flush()
                done[record["row"]] = record
                failed += record["status"] != "ok"
                progress.advance(note=f"{failed} failed")
    records = [
        done.get(row) or row_record(row, smiles[row], NOT_COMPUTED) for row in range(len(smiles))
    ]
    table = pd.DataFrame(records, columns=method.columns)
    if method.adiabatic and method.level == "xtb":
        write_ions(ion_table(records), ions_path(out))
    write_csv(_with_columns(table.round(4), given), out)
    partial.unlink()
    return table


def _with_columns(table: pd.DataFrame, given: Chunk | None) -> pd.DataFrame:
    """Return the table with the ids and other columns of `given` added, if `given` is not None."""
    if given is None:
        return table
    own = own_columns(given.columns, ["id", *table.columns])
    ids = pd.Series(list(given.ids), name="id", dtype="str")
    first, rest = table[["row", "smiles"]], table.drop(columns=["row", "smiles"])
    return pd.concat([first[["row"]], ids, first[["smiles"]], own, rest], axis=1)
