"""The champions of a model, in the order of their promotion."""

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import TEMPORARILY_UNAVAILABLE

from organode.errors import OrganodeError
from organode.tracking.registry.history import (
    HISTORY,
    MAX_CHAMPIONS,
    champion_history,
    earlier_champions,
    write_history,
)
from organode.tracking.registry.lookup import version_by_number

NAME = "organode-IE"


def alias(store, name, number):
    store.set_registered_model_alias(NAME, name, number)


def test_written_history_is_read_back(store):
    alias(store, "champion", "3")
    write_history(store, "IE", ["1", "2", "3"])
    assert champion_history(store, "IE") == ["1", "2", "3"]


def test_model_that_nobody_registered_has_no_history(store):
    assert champion_history(store, "EA") == []
    assert earlier_champions(store, "EA", None) == []


def test_first_champion_is_its_whole_history(store):
    assert champion_history(store, "IE") == ["1"]
    assert earlier_champions(store, "IE", version_by_number(store, "IE", "1")) == []


@pytest.mark.parametrize(
    ("written", "champion", "history"),
    [
        (["1", "2"], "3", ["1", "2", "3"]),  # killed before the tag was written
        (["1", "2", "3"], "2", ["1", "2"]),  # rolled back, and killed likewise
        (["1", "2", "3"], "1", ["1"]),
        (["2", "1", "2"], "1", ["2", "1"]),  # a version may have been champion twice
        ([], "4", ["4"]),
    ],
)
def test_alias_decides_where_it_differs(store, written, champion, history):
    write_history(store, "IE", written)
    alias(store, "champion", champion)
    assert champion_history(store, "IE") == history


def test_history_stays_without_a_champion(store):
    write_history(store, "IE", ["1", "2"])
    store.delete_registered_model_alias(NAME, "champion")
    assert champion_history(store, "IE") == ["1", "2"]
    assert earlier_champions(store, "IE", None) == ["1", "2"]


def test_deleted_versions_are_in_the_history_and_no_earlier_champions(store):
    alias(store, "champion", "4")
    write_history(store, "IE", ["1", "2", "3", "4"])
    store.delete_model_version(NAME, "2")
    assert champion_history(store, "IE") == ["1", "2", "3", "4"]
    assert earlier_champions(store, "IE", version_by_number(store, "IE", "4")) == ["1", "3"]


def test_present_champion_is_no_earlier_one_although_it_was(store):
    alias(store, "champion", "1")
    write_history(store, "IE", ["1", "2", "1"])
    assert earlier_champions(store, "IE", version_by_number(store, "IE", "1")) == ["2"]


@pytest.mark.parametrize(
    ("story", "history"),
    [("over version 2: better", ["2", "3"]), ("over version 2: rolled back: worse", ["3"])],
)
def test_registry_without_history_has_the_previous_champion(store, story, history):
    alias(store, "champion", "3")
    alias(store, "previous", "2")
    store.set_model_version_tag(NAME, "3", "organode.promoted", story)
    assert champion_history(store, "IE") == history
    write_history(store, "IE", ["1", "3"])  # from now on the tag counts
    assert champion_history(store, "IE") == ["1", "3"]


def test_only_the_latest_champions_are_kept(store):
    many = [str(number) for number in range(1, MAX_CHAMPIONS + 21)]
    write_history(store, "IE", many)
    kept = store.get_registered_model(NAME).tags[HISTORY].split()
    assert kept == many[20:]


def test_failure_of_the_store_is_not_an_empty_history(store, monkeypatch):
    def fail(*_):
        raise MlflowException("database is locked", TEMPORARILY_UNAVAILABLE)

    monkeypatch.setattr(store, "get_registered_model", fail)
    with pytest.raises(OrganodeError, match="locked"):
        champion_history(store, "IE")
