"""Labels for a table of molecules: parallel, resumable, every failure with its reason.

Each finished molecule is one line of JSON appended to ``OUT.partial``; a run that was killed
resumes after the last whole line. When all are done the table is written in the order of the
input and the partial file is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from joblib import cpu_count
from rdkit import Chem

from organode.chem import MoleculeError, structure
from organode.errors import OrganodeError, UsageError
from organode.label import dft, xtb
from organode.label.iontable import beside, ion_table, write_ions
from organode.label.record import LabelError
from organode.label.singlepoint import check_solvent
from organode.library.chunk import Chunk, own_columns
from organode.utils.code import code_digest
from organode.utils.files import naming_full_disk, output_file
from organode.utils.outputs import check_own, exclusive_lock
from organode.utils.processes import end_with_parent
from organode.utils.progress import bar, say
from organode.utils.resources import MEMORY, explained
from organode.utils.tables import write_csv

COLUMNS = [
    "row", "smiles", "status", "note", "IE", "EA", "IE_vertical", "EA_vertical", "IE_ipea1",
    "EA_ipea1", "IE_gfn2", "EA_gfn2", "unbound", "HOMO_gfn2", "LUMO_gfn2", "remark",
]  # fmt: skip
IONS = "ions"  # of a finished row, beside its columns
COLUMNS_B3LYP = COLUMNS[:8]
# What makes a finished row, with all that they import.
DECIDING = (
    "organode.chem.reading.structure", "organode.label.dft", "organode.label.iontable",
    "organode.label.xtb",
)  # fmt: skip
CHECK = "crc"  # of a finished row, beside its columns


@dataclass(frozen=True)
class Method:
    """How to label: the arguments of `label_table` that change the numbers."""

    level: Literal["xtb", "b3lyp"] = "xtb"
    solvent: str | None = None
    adiabatic: bool = False
    cap: str = ""

    def check(self) -> None:
        """Check that such labels can be computed here.

        Raises
        ------
        UsageError
            If there is no such level or solvent, an option or a package is missing.
        """
        if self.level not in ("xtb", "b3lyp"):
            raise UsageError(f"no level '{self.level}': choose xtb or b3lyp")
        if self.level == "b3lyp":
            dft.check(self.solvent)
        elif self.solvent:
            check_solvent(self.solvent)

    def label(self, molecule: Chem.Mol) -> dict[str, Any]:
        """Return what replaces and follows a molecule's status."""
        if self.level == "b3lyp":
            return asdict(dft.label(molecule, self.solvent, adiabatic=self.adiabatic))
        found = xtb.label(molecule, self.solvent, adiabatic=self.adiabatic)
        values = asdict(found)
        return values if self.adiabatic else {k: v for k, v in values.items() if k != IONS}

    @property
    def columns(self) -> list[str]:
        """The table's columns."""
        return COLUMNS if self.level == "xtb" else COLUMNS_B3LYP


def label_table(
    smiles: Sequence[object],
    out: Path,
    *,
    given: Chunk | None = None,
    level: Literal["xtb", "b3lyp"] = "xtb",
    solvent: str | None = None,
    adiabatic: bool = False,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Label every molecule and write the table to `out` (CSV).

    Parameters
    ----------
    smiles : sequence of object
        One cell a row; cells that are no SMILES become rows with a reason.
    given : Chunk, optional
        The same rows as they were read: why some cannot be, and ids and other columns, which are
        written to the file too.
    out : Path
        Where the table goes; ``OUT.partial`` beside it holds what is done so far.
    level : {'xtb', 'b3lyp'}
        See `organode.label.xtb` and `organode.label.dft`.
    solvent : str, optional
        Implicit solvent of the columns `IE` and `EA`; gas phase when omitted.
    adiabatic : bool
        Relax the ions too, so that `IE` and `EA` are adiabatic. By xTB, a record of the ions goes
        beside the table: see `organode.label.iontable`.
    jobs : int, optional
        Processes, one thread each; all cores when omitted.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, or `COLUMNS_B3LYP` at that level; one row for each input row and in
        its order; energies in eV on the absolute scale, `status` ``ok`` or the reason why there
        are none. By B3LYP one ion may fail alone; then the other's energy is there.

    Raises
    ------
    UsageError
        If there is no such level or solvent, pyscf is missing, or another command labels to `out`.
    OrganodeError
        If the partial file belongs to another input, is damaged or cannot be written.
    """
    method = Method(level, solvent, adiabatic, given.cap if given is not None else "")
    method.check()
    output_file(out)  # no folder: to be told after days of work
    with exclusive_lock(out):
        return _label_table(smiles, given, out, method, jobs or cpu_count())


def _label_table(
    smiles: Sequence[object], given: Chunk | None, out: Path, method: Method, jobs: int
) -> pd.DataFrame:
    partial = out.with_name(out.name + ".partial")
    identity = _identity(smiles, method)
    done = _resume(partial, identity, len(smiles), method)
    if done:
        say(f"resuming after {len(done):,} finished molecules ({partial})")
    problems = given.problems if given is not None else [""] * len(smiles)
    done |= {
        row: _record(row, smiles[row], problem) for row, problem in enumerate(problems) if problem
    }
    todo = deque(row for row in range(len(smiles)) if row not in done)
    try:
        stream = open(partial, "a", encoding="utf-8", opener=_private)  # noqa: SIM115 (see below)
    except OSError as error:
        raise explained(error, partial) or OrganodeError(
            f"cannot write {partial}: {error.strerror}; choose a folder that you may write to"
        ) from error
    with (
        naming_full_disk(partial),
        stream,
        bar("label", len(smiles), "molecules", done=len(done)) as progress,
    ):
        if not partial.stat().st_size:
            stream.write(json.dumps({"identity": identity}) + "\n")
        failed = sum(record["status"] != "ok" for record in done.values())
        for record in _label_all(smiles, todo, method, jobs):
            stream.write(json.dumps(record | {CHECK: _checksum(record)}) + "\n")
            stream.flush()
            done[record["row"]] = record
            failed += record["status"] != "ok"
            progress.advance(note=f"{failed} failed")
    records = [done[row] for row in range(len(smiles))]
    table = pd.DataFrame(records, columns=method.columns)
    if method.adiabatic and method.level == "xtb":
        write_ions(ion_table(records), beside(out))
    write_csv(_with_columns(table.round(4), given), out)
    partial.unlink()
    return table


def _with_columns(table: pd.DataFrame, given: Chunk | None) -> pd.DataFrame:
    """Return the table with the ids and other columns of what was labelled."""
    if given is None:
        return table
    own = own_columns(given.columns, ["id", *table.columns])
    ids = pd.Series(list(given.ids), name="id", dtype="str")
    first, rest = table[["row", "smiles"]], table.drop(columns=["row", "smiles"])
    return pd.concat([first[["row"]], ids, first[["smiles"]], own, rest], axis=1)


def _identity(smiles: Sequence[object], method: Method) -> str:
    options: list[Any] = [method.solvent]
    if method.level != "xtb" or method.adiabatic:
        options = [method.level, method.solvent, method.adiabatic]
    if method.cap:
        options.append(method.cap)
    # Labels of two versions of the code in one table would differ by more than the molecules do.
    options.append(code_digest(*DECIDING))
    text = json.dumps([*options, [str(cell) for cell in smiles]])
    return hashlib.sha256(text.encode()).hexdigest()


def _resume(partial: Path, identity: str, rows: int, method: Method) -> dict[int, dict[str, Any]]:
    """Read the finished rows; cut off a line that a kill left half-written."""
    if partial.exists() and not partial.is_file():  # a device may have no end
        raise OrganodeError(f"{partial} is no file: remove it, or choose another --out")
    try:
        check_own(partial)
        content = partial.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise explained(error, partial) or OrganodeError(
            f"cannot read {partial}: {error.strerror}"
        ) from error
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.splitlines()
    try:
        foreign = bool(lines) and json.loads(lines[0])["identity"] != identity
        records = [] if foreign else [_record_of(line, rows, method) for line in lines[1:]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise OrganodeError(
            f"{partial} is no file of unfinished labels, or a damaged one: "
            "remove it, or choose another --out"
        ) from error
    if foreign:
        raise OrganodeError(
            f"{partial} holds the unfinished labels of another input, level, solvent or version: "
            "remove it, or choose another --out"
        )
    if len(whole) != len(content):
        with open(partial, "r+b") as stream:
            stream.truncate(len(whole))
    return {record["row"]: record for record in records}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _record_of(line: bytes, rows: int, method: Method) -> dict[str, Any]:
    """Return a finished row; of former versions, which wrote no checksums, as well.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the line is damaged, or is none that `_label_table` wrote.
    """
    record = json.loads(line)
    if not isinstance(record, dict):
        raise TypeError("no record")
    if CHECK in record and record.pop(CHECK) != _checksum(record):
        raise ValueError("damaged")
    if not record.keys() <= {*method.columns, IONS} or record["row"] not in range(rows):
        raise ValueError("no row of this table")
    if not isinstance(record["status"], str):
        raise TypeError("no status")
    return record


def _checksum(record: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(record).encode())


def _label_all(
    smiles: Sequence[object], todo: deque[int], method: Method, jobs: int
) -> Iterator[dict[str, Any]]:
    """Yield records as they come. A worker that dies takes only its own molecule with it."""
    suspects: deque[int] = deque()
    mine, others = (os.getpid(),), set(active_children())
    while todo or suspects:
        # After a crash nobody knows which molecule did it: each one that was under way then
        # runs alone, so that only the culprit is blamed.
        alone = bool(suspects)
        queue = suspects if alone else todo
        width = 1 if alone else jobs
        running: dict[Future[dict[str, Any]], int] = {}
        with (
            _one_thread_each(),
            ProcessPoolExecutor(width, get_context("spawn"), end_with_parent, mine) as pool,
        ):
            _check_start(pool)
            try:
                while queue or running:
                    while queue and len(running) < (1 if alone else 3 * width):
                        row = queue[0]
                        running[pool.submit(_label_row, row, smiles[row], method)] = row
                        queue.popleft()  # only now: submit raises when the pool is broken
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        record = future.result()
                        del running[future]
                        yield record
            except BrokenProcessPool:
                lost = sorted(running.values())
                if alone:
                    for row in lost:
                        yield _record(row, smiles[row], "the computation crashed")
                else:
                    suspects.extend(lost)
            except BaseException:  # Ctrl-C as well: wait for nothing, a molecule may take hours
                for worker in set(active_children()) - others:
                    worker.kill()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _check_start(pool: ProcessPoolExecutor) -> None:
    """Tell workers that cannot start from workers that a molecule killed."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise OrganodeError(
            "the worker processes cannot start (their own message is above): is there enough "
            "memory, and does a script that calls this do so under `if __name__ == '__main__':`?"
        ) from error


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes started meanwhile use one thread: many small molecules want it so.

    It has to stand in the environment before a process starts, since its linear algebra counts
    the cores when it is loaded; with two threads on two cores a label takes six times as long.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _label_row(row: int, cell: object, method: Method) -> dict[str, Any]:
    try:
        molecule, note = structure(cell, flat=False, cap=method.cap)
        return _record(row, cell, "ok", note) | method.label(molecule)
    except ImportError:  # not this molecule's fault: every other would fail as well
        raise
    except Exception as error:  # one strange molecule must not end a run of days
        lacking = explained(error)
        if lacking and str(lacking) != MEMORY:  # such as disk: every other would fail as well
            raise lacking from error
        if lacking:
            return _record(row, cell, "too little memory for this molecule")
        if isinstance(error, MoleculeError | LabelError):
            return _record(row, cell, str(error))
        text = " ".join(str(error).split())[:200]
        return _record(row, cell, f"unexpected error: {type(error).__name__}: {text}")


def _record(row: int, cell: object, status: str, note: str = "") -> dict[str, Any]:
    smiles = cell if isinstance(cell, str) else ""
    return {"row": row, "smiles": smiles, "status": status, "note": note}
