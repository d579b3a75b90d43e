"""Downloads page by page, from a connection in memory."""

from dataclasses import replace

import pytest

from organode.errors import OrganodeError
from organode.fetch import pages
from organode.fetch.pages import Query, download
from organode.utils.progress import console

RECORDS = [{"id": number, "smiles": "C" * number} for number in range(1, 12)]
QUERY = Query("made", "route", {"_fields": "id,smiles", "_sort_fields": "id"})


class Database:
    """Stands for the API: answers pages of its records, and can fail before one of them."""

    def __init__(self):
        self.records, self.version = RECORDS, "2026.01"
        self.asked = []
        self.fails_at = None

    def connection(self, route, timeout, first_wait):
        self.url, self.database = f"https://example.org/{route}", self.version
        return self

    def page(self, parameters, size):
        skip = parameters["_skip"]
        if skip == self.fails_at:
            raise OrganodeError("no answer")
        self.asked.append(skip)
        assert parameters["_limit"] == size
        assert QUERY.parameters.items() <= parameters.items()
        return self.records[skip : skip + size], len(self.records)


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Database()
    monkeypatch.setattr(pages, "Connection", made.connection)
    return made


def stored():
    return sorted(path.name for path in pages.PARTIAL.rglob("*.json"))


def all_of(query=QUERY, size=4):
    with download(query, size) as answer:
        return answer.records


@pytest.mark.parametrize("size", [1, 4, 10, 11, 12, 1000])
def test_all_records_come_in_order_whatever_the_size_of_a_page(database, size):
    assert all_of(size=size) == RECORDS
    assert database.asked == list(range(0, 11, size))
    assert list(pages.PARTIAL.glob("*")) == []


def test_answer_says_what_was_asked_and_its_digest(database):
    with download(QUERY, 4) as answer:
        assert answer.query == {
            "url": "https://example.org/route", "database": "2026.01",
            "parameters": QUERY.parameters, "page_size": 4,
        }  # fmt: skip
        first = answer.sha256
    with download(QUERY, 5) as answer:
        assert answer.sha256 == first  # of the records only
    database.records = [*RECORDS[:-1], {"id": 11, "smiles": "N"}]
    with download(QUERY, 4) as answer:
        assert answer.sha256 != first


def test_interrupted_download_resumes_after_the_last_page(database):
    database.fails_at = 8
    with pytest.raises(OrganodeError, match="no answer"):
        all_of()
    assert stored() == ["page-00001.json", "page-00002.json"]
    database.fails_at, database.asked = None, []
    with console.capture() as captured:
        assert all_of() == RECORDS
    assert database.asked == [8]
    assert "resuming after 2 finished pages" in captured.get()


def test_finished_pages_stay_until_the_records_are_used(database):
    with pytest.raises(RuntimeError, match="disk full"), download(QUERY, 4):
        raise RuntimeError("disk full")
    assert len(stored()) == 3
    database.asked = []
    assert all_of() == RECORDS
    assert database.asked == []
    assert stored() == []


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-5], lambda content: b"", lambda content: b"x" + content]
)
def test_damaged_page_and_all_after_it_are_requested_again(database, damage):
    database.fails_at = 8
    with pytest.raises(OrganodeError):
        all_of()
    (first,) = pages.PARTIAL.glob("*/page-00001.json")
    first.write_bytes(damage(first.read_bytes()))
    database.fails_at, database.asked = None, []
    assert all_of() == RECORDS
    assert database.asked == [0, 4, 8]


@pytest.mark.parametrize("change", ["query", "size", "version", "source"])
def test_pages_of_another_query_are_not_used(database, change):
    database.fails_at = 8
    with pytest.raises(OrganodeError):
        all_of()
    database.fails_at, database.asked = None, []
    query = QUERY
    if change == "query":
        query = replace(QUERY, parameters=QUERY.parameters | {"charge": 0})
    elif change == "source":
        query = replace(QUERY, source="other")
    elif change == "version":
        database.version = "2026.02"
    assert all_of(query, 5 if change == "size" else 4) == RECORDS
    assert database.asked[0] == 0


@pytest.mark.parametrize("records", [RECORDS[:-1], [*RECORDS, {"id": 12}]])
def test_change_during_the_download_starts_again(database, records):
    database.fails_at = 4
    with pytest.raises(OrganodeError):
        all_of()
    database.records, database.fails_at = records, None
    with pytest.raises(OrganodeError, match=f"changed .*11 records, now {len(records)}.*run this"):
        all_of()
    assert stored() == []
    assert all_of() == records


def test_query_without_records_is_an_error(database):
    database.records = []
    with pytest.raises(OrganodeError, match=r"example\.org/route has no molecules for this query"):
        all_of()
