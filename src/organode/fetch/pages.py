"""Download a query page by page; finished pages are kept on disk, so a kill loses at most one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError
from organode.fetch.connection import Connection
from organode.utils.checksums import read_sealed, write_sealed
from organode.utils.progress import bar, say

PARTIAL = Path(".organode/fetch")

Record = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """A query: the source's name, the attribute of ``MPRester.molecules``, the parameters."""

    source: str
    route: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """All records of a query, the query itself (without the key) and the SHA-256 of the records."""

    records: list[Record]
    query: dict[str, Any]
    sha256: str


@contextmanager
def download(
    query: Query, page_size: int, *, timeout: float = 60.0, first_wait: float = 1.0
) -> Iterator[Answer]:
    """Yield all records of a query; the pages are removed when the block ends without an error.

    Parameters
    ----------
    query : Query
        Its parameters must sort, or the database may return the same record on two pages.
    page_size : int
        Number of records in a request.
    timeout, first_wait : float
        Seconds, see `organode.fetch.connection.Connection`.

    Raises
    ------
    UsageError
        If mp-api or a valid key is missing.
    OrganodeError
        If network or server failed, or the database changed between two pages.
    """
    connection = Connection(query.route, timeout, first_wait)
    asked_for = {
        "url": connection.url,
        "database": connection.database,
        "parameters": query.parameters,
        "page_size": page_size,
    }
    folder = PARTIAL / f"{query.source}-{_digest(asked_for)[:16]}"
    pages, total = _stored(folder)
    if pages:
        say(f"resuming after {len(pages):,} finished pages ({folder})")
    else:
        total = _fetch_page(connection, query, folder, pages, page_size)
    if total == 0:
        raise OrganodeError(f"{connection.url} has no molecules for this query: try again later")
    with bar("fetch", total, "molecules", done=sum(map(len, pages))) as progress:
        while len(pages) * page_size < total:
            now_total = _fetch_page(connection, query, folder, pages, page_size)
            if now_total != total:
                shutil.rmtree(folder)
                raise OrganodeError(
                    f"the database changed during the download ({total:,} records, now "
                    f"{now_total:,}), so that its pages do not fit together: run this again, it "
                    "starts from the first page"
                )
            progress.advance(len(pages[-1]))
    records = [record for page in pages for record in page]
    yield Answer(records, asked_for, _digest(records))
    shutil.rmtree(folder)


def _fetch_page(
    connection: Connection, query: Query, folder: Path, pages: list[list[Record]], size: int
) -> int:
    """Request the next page, write it to disk and append it; return the total number of records."""
    position = {"_skip": len(pages) * size, "_limit": size}
    records, total = connection.page(query.parameters | position, size)
    content = json.dumps({"total": total, "records": records})
    write_sealed(_path(folder, len(pages) + 1), content.encode())
    pages.append(records)
    return total


def _stored(folder: Path) -> tuple[list[list[Record]], int]:
    """Return the finished pages of an interrupted download, and the total number of records."""
    pages: list[list[Record]] = []
    total = 0
    while (path := _path(folder, len(pages) + 1)).exists():
        content = read_sealed(path)
        if content is None:
            break  # damaged, for example by a power cut: request it again
        page = json.loads(content)
        total = page["total"]
        pages.append(page["records"])
    return pages, total


def _path(folder: Path, number: int) -> Path:
    return folder / f"page-{number:05}.json"


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
