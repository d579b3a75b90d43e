"""The stage `fetch`: read labelled molecules from a source, and write them with provenance."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from organode.artifacts import PROVENANCE, RAW
from organode.fetch import jcesr, local, mpcules
from organode.fetch.source import Raw
from organode.pipeline.tables.checks import check
from organode.settings import Settings
from organode.utils.files import write_json
from organode.utils.outputs import keep_apart
from organode.utils.tables import write_table

# A context manager, so that the downloaded pages are kept until the table is written.
Source = Callable[[Settings], AbstractContextManager[Raw]]

_SOURCES: dict[str, Source] = {
    "embedded": lambda _: local.embedded(),
    "file": lambda settings: local.file(settings.fetch.file, settings.curate.reference_column),
    "materials-project": lambda settings: jcesr.materials_project(settings.fetch),
    "mpcules": lambda settings: mpcules.mpcules(settings.fetch),
}


def fetch(settings: Settings, out: Path = RAW.parent) -> Raw:
    """Read the table of the source `fetch.source` in the settings, and write it with provenance.

    Parameters
    ----------
    settings : Settings
        All of `params.yaml`. The section `fetch` names the source. If the source is a file, and the
        setting `curate.reference` names a column of the file, this column is kept under the name
        `reference`.
    out : Path
        Folder for ``molecules.parquet`` and ``provenance.json``.

    Returns
    -------
    Raw
        The table (energies in eV, EA = E(neutral) − E(anion)) and its provenance, as written. Equal
        tables give Parquet files with equal bytes.

    Raises
    ------
    UsageError
        If a setting of the source is wrong, such as the path or the columns of a file; or if the
        source needs the package mp-api, or an API key, that is not there or not valid.
    OrganodeError
        If the network, the server or the disk failed.
    """
    outputs = [Path(out) / RAW.name, Path(out) / PROVENANCE.name]
    if settings.fetch.source == "file":
        for path in outputs:
            keep_apart(path, [settings.fetch.file.path], "the fetched table")
    with _SOURCES[settings.fetch.source](settings) as raw:
        check(raw.table, "raw")
        write_table(raw.table, outputs[0])
        write_json(outputs[1], asdict(raw.provenance))
    return raw
