"""Download the records of a query page by page; finished pages are kept if the run is killed."""

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
    """A query to the Materials Project's API.

    Attributes
    ----------
    source : str
        Name of the source in the setting `fetch.source`, such as ``mpcules``.
    route : str
        Name of the attribute of mp-api's ``MPRester.molecules`` whose address is queried, such as
        ``summary``.
    parameters : dict
        Query parameters of the URL, without the parameters that select a page.
    """

    source: str
    route: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """The answer to a query to the Materials Project's API.

    Attributes
    ----------
    records : list of dict
        The records from all pages.
    query : dict
        `url`, `database` (version of the database), `parameters` and `page_size` of the query; the
        user's API key is not included.
    sha256 : str
        SHA-256 of the records as JSON, in hexadecimal.
    """

    records: list[Record]
    query: dict[str, Any]
    sha256: str


@contextmanager
def download(
    query: Query, page_size: int, *, timeout: float = 60.0, first_wait: float = 1.0
) -> Iterator[Answer]:
    """Download all records of a query, and yield the `Answer` to a ``with`` block.

    Each page is written to a folder in ``.organode/fetch``, from which the next call with the same
    query resumes an interrupted download. The folder is removed when the ``with`` block ends
    without an error.

    Parameters
    ----------
    query : Query
        The query. The query's parameters must ask for sorted records, or the database may return
        the same record on two pages.
    page_size : int
        Number of records on a page.
    timeout : float
        Seconds without an answer after which an attempt to request a page counts as failed.
    first_wait : float
        Seconds before the second attempt; the wait doubles before each later attempt.

    Raises
    ------
    UsageError
        If mp-api is not installed, or a valid API key is missing.
    OrganodeError
        If the network or the server failed, the number of records changed between two pages, or no
        record matches the query.
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
    """Request the next page, write it to `folder`, and append its records to `pages`.

    `size` is the number of records on a full page. Return the number of records on all pages.
    """
    position = {"_skip": len(pages) * size, "_limit": size}
    records, total = connection.page(query.parameters | position, size)
    content = json.dumps({"total": total, "records": records})
    write_sealed(_path(folder, len(pages) + 1), content.encode())
    pages.append(records)
    return total


def _stored(folder: Path) -> tuple[list[list[Record]], int]:
    """Return the finished pages in a folder, and the number of records on all pages of the query.

    If the folder has no finished page, the list of pages is empty and the number is 0.
    """
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
    """Return the path of the file of a page in a folder; the first page has number 1."""
    return folder / f"page-{number:05}.json"


def _digest(content: Any) -> str:
    """Return the SHA-256, in hexadecimal, of a value written as JSON with sorted keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
