"""Versions are found by number, alias and identity."""

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, TEMPORARILY_UNAVAILABLE

from organode.errors import OrganodeError, UsageError
from organode.tracking.registry.lookup import (
    all_versions,
    newest_version,
    run_tag,
    tag_of_version,
    tag_version,
    tags_of_run,
    version_by_alias,
    version_by_identity,
    version_by_number,
)
from organode.tracking.registry.versions import Registered

NAME = "organode-IE"


def tag(store, number, **tags):
    for name, value in tags.items():
        store.set_model_version_tag(NAME, number, f"organode.{name}", value)


def numbers(store):
    return sorted(str(version.version) for version in all_versions(store, "IE"))


def test_all_versions_are_of_the_target_only(store):
    assert numbers(store) == ["1", "2", "3", "4"]
    store.delete_model_version(NAME, "2")
    assert numbers(store) == ["1", "3", "4"]
    assert all_versions(store, "EA") == []


def test_version_has_what_its_tags_say(store):
    tag(store, "3", metrics='{"mae": 0.2}', data_sha256="d", splits_sha256="s",
        reference="absolute", level_of_theory="xTB")  # fmt: skip
    store.set_registered_model_alias(NAME, "tried", "3")
    assert version_by_number(store, "IE", "3") == Registered(
        target="IE", name=NAME, version="3", aliases=("tried",), metrics={"mae": 0.2},
        data_sha256="d", splits_sha256="s", reference="absolute", level_of_theory="xTB", run_id="",
    )  # fmt: skip


def test_version_without_tags_has_empty_ones(store):
    bare = store.create_model_version(NAME, "models").version
    found = version_by_number(store, "IE", str(bare))
    assert (found.metrics, found.data_sha256, found.aliases) == ({}, "", ())
    assert (found.reference, found.level_of_theory) == ("unknown", "unknown")


@pytest.mark.parametrize("number", ["9", "0", "-1"])
def test_number_that_is_none_is_named(store, number):
    with pytest.raises(UsageError, match=f"organode-IE has no version {number}"):
        version_by_number(store, "IE", number)


def test_model_that_nobody_registered_has_no_version(store):
    with pytest.raises(UsageError, match="organode-EA has no version 1"):
        version_by_number(store, "EA", "1")
    assert version_by_alias(store, "EA", "champion") is None
    with pytest.raises(OrganodeError, match="no version of organode-EA is registered") as raised:
        newest_version(store, "EA")
    assert "run `organode register EA`" in str(raised.value)


def test_version_by_alias(store):
    assert version_by_alias(store, "IE", "champion").version == "1"
    store.set_registered_model_alias(NAME, "champion", "4")
    assert version_by_alias(store, "IE", "champion").version == "4"
    assert version_by_alias(store, "IE", "previous") is None


def test_failure_of_the_store_is_not_taken_for_absence(store, monkeypatch):
    """Else a short outage would let another model become champion."""

    def fail(*_):
        raise MlflowException("database is locked", TEMPORARILY_UNAVAILABLE)

    for method, find in (
        ("get_model_version_by_alias", lambda: version_by_alias(store, "IE", "champion")),
        ("get_model_version", lambda: version_by_number(store, "IE", "1")),
        ("get_run", lambda: tags_of_run(store, "run")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(store, method, fail)
            with pytest.raises(OrganodeError, match="locked") as raised:
                find()
            assert not isinstance(raised.value, UsageError)


def test_newest_of_the_versions_with_an_identity_is_found(store):
    for number, identity in (("1", "a"), ("2", "b"), ("3", "a"), ("4", "c")):
        tag(store, number, identity=identity)
    assert version_by_identity(store, "IE", "a").version == "3"
    assert version_by_identity(store, "IE", "b").version == "2"
    assert version_by_identity(store, "IE", "z") is None


def test_numbers_are_compared_as_numbers(store):
    for _ in range(6):
        number = str(store.create_model_version(NAME, "models").version)
        tag(store, number, identity="same")
    tag(store, "9", identity="same")
    assert version_by_identity(store, "IE", "same").version == "10"
    assert newest_version(store, "IE").version == "10"


def test_interrupted_registration_is_not_the_newest(store):
    store.create_model_version(NAME, "models")  # without its last tag
    assert newest_version(store, "IE").version == "4"


def test_tags_are_written_and_read_under_organode_s_own_names(store):
    version = version_by_number(store, "IE", "2")
    tag_version(store, version, promoted="why", other="x")
    assert tag_of_version(store, version, "promoted") == "why"
    assert store.get_model_version(NAME, "2").tags["organode.other"] == "x"
    assert tag_of_version(store, version, "nothing") == ""
    assert tag_of_version(store, version_by_number(store, "IE", "1"), "other") == ""


@pytest.fixture
def run(store):
    experiment = store.create_experiment("of a test")
    return store.create_run(experiment).info.run_id


def test_tags_that_a_version_lacks_are_those_of_its_run(store, run):
    number = str(store.create_model_version(NAME, "models", run_id=run).version)
    store.set_tag(run, "organode.reference", "li")
    store.set_tag(run, "organode.data_sha256", "of the run")
    store.set_tag(run, run_tag(number, "data_sha256"), "of this version")
    store.set_tag(run, run_tag("99", "splits_sha256"), "of another version")
    found = version_by_number(store, "IE", number)
    assert (found.run_id, found.reference) == (run, "li")
    assert found.data_sha256 == "of this version"
    assert found.splits_sha256 == ""
    tag(store, number, data_sha256="its own")
    assert version_by_number(store, "IE", number).data_sha256 == "its own"


def test_run_that_was_removed_has_no_tags(store, run):
    store.set_tag(run, "organode.reference", "li")
    assert tags_of_run(store, run)["organode.reference"] == "li"
    assert tags_of_run(store, "0" * 32) == {}
    assert tags_of_run(store, None) == tags_of_run(store, "") == {}


def test_absence_is_told_from_other_failures(store, monkeypatch):
    def gone(*_):
        raise MlflowException("no such alias", RESOURCE_DOES_NOT_EXIST)

    monkeypatch.setattr(store, "get_model_version_by_alias", gone)
    assert version_by_alias(store, "IE", "champion") is None
