"""Promotions and rollbacks: the champion, its history, and interrupted commands."""

import pytest

from organode.errors import OrganodeError
from organode.tracking.registry.promote import promote, rollback

NAME = "organode-IE"


class Killed(BaseException):
    """Stands for a kill: organode never catches it."""


def champion(store):
    return str(store.get_model_version_by_alias(NAME, "champion").version)


def force(number):
    return promote("IE", number, force=True, reason=f"because of {number}")


def run(store, steps):
    """Promote each version named, roll back at each `back`; return the champion after each step."""
    seen = []
    for step in steps.split():
        rollback("IE") if step == "back" else force(step)
        seen.append(champion(store))
    return " ".join(seen)


@pytest.mark.parametrize(
    ("steps", "champions"),
    [
        ("2 3 back back", "2 3 2 1"),
        ("2 back 3 back", "2 1 3 1"),
        ("2 back 2 back", "2 1 2 1"),
        ("3 2 4 back 1 back", "3 2 4 2 1 2"),
        ("2 3 2 back", "2 3 2 3"),
    ],
)
def test_rollback_never_returns_to_a_version_that_was_rolled_back(store, steps, champions):
    assert run(store, steps) == champions


@pytest.mark.parametrize("steps", ["", "2 back", "2 3 back back", "2 1 back"])
def test_rollback_with_nothing_earlier_changes_nothing(store, steps):
    run(store, steps)
    before = champion(store)
    with pytest.raises(OrganodeError, match=f"version {before} of {NAME} stays champion: nothing"):
        rollback("IE")
    assert champion(store) == before


def test_deleted_versions_are_skipped(store):
    run(store, "2 3 4")
    store.delete_model_version(NAME, "3")
    assert run(store, "back back") == "2 1"


def test_champion_stays_if_all_earlier_ones_were_deleted(store):
    run(store, "2 3")
    for number in ("1", "2"):
        store.delete_model_version(NAME, number)
    with pytest.raises(OrganodeError, match=r"version 3 of .* stays champion: .* 1, 2, none"):
        rollback("IE")
    assert champion(store) == "3"


def test_deleted_champion_is_rolled_back_to_the_previous(store):
    run(store, "2 3")
    store.delete_model_version(NAME, "3")
    assert rollback("IE").before == ("1",)
    assert champion(store) == "2"


@pytest.mark.parametrize(
    ("moved_to", "then"), [("4", "3"), ("1", None), ("2", "1")], ids=["new", "first", "earlier"]
)
def test_alias_moved_by_other_means_counts(store, moved_to, then):
    run(store, "2 3")
    store.set_registered_model_alias(NAME, "champion", moved_to)
    if then is None:
        with pytest.raises(OrganodeError, match="stays champion"):
            rollback("IE")
    else:
        assert run(store, "back") == then


@pytest.mark.parametrize(
    ("story", "then"), [("over version 2: better", "2"), ("over version 2: rolled back", None)]
)
def test_registry_without_history_uses_the_alias_of_the_previous(store, story, then):
    store.set_registered_model_alias(NAME, "champion", "3")
    store.set_registered_model_alias(NAME, "previous", "2")
    store.set_model_version_tag(NAME, "3", "organode.promoted", story)
    if then is None:
        with pytest.raises(OrganodeError, match="stays champion"):
            rollback("IE")
    else:
        assert run(store, "back") == then


def test_promotion_lists_earlier_champions_and_keeps_every_reason(store):
    assert force("2").before == ("1",)
    assert force("3").before == ("1", "2")
    assert rollback("IE", "worse in the lab").before == ("1",)
    tags = [store.get_model_version(NAME, n).tags["organode.promoted"] for n in ("1", "2", "3")]
    assert tags[0] == "first version"
    assert tags[1].endswith("UTC, over version 3: rolled back: worse in the lab")
    assert tags[2].endswith("UTC, over version 2: because of 3")


WRITES = (
    "set_registered_model_alias",
    "set_registered_model_tag",
    "set_model_version_tag",
    "delete_registered_model_alias",
    "delete_model_version",
)


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("command", ["3", "back"])
def test_kill_between_two_writes_leaves_one_champion_and_its_history(
    store, monkeypatch, command, after
):
    from mlflow import MlflowClient

    run(store, "2")
    left = [after]

    def dying(write):
        def call(*arguments, **keywords):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return write(*arguments, **keywords)

        return call

    with monkeypatch.context() as patch:
        for name in WRITES:
            patch.setattr(MlflowClient, name, dying(getattr(MlflowClient, name)))
        with pytest.raises(Killed):
            run(store, command)
    now = champion(store)
    assert now == "2"  # the alias moves last
    # Repeated, the command does what it would have done without the kill.
    assert run(store, command) == ("1" if command == "back" else "3")
    if command == "3":
        assert run(store, "back back") == "2 1"


def test_champion_with_unreadable_predictions_is_replaced_by_force(store):
    for number in ("1", "2"):
        for name in ("reference", "data_sha256", "splits_sha256"):
            store.set_model_version_tag(NAME, number, f"organode.{name}", "same")
    with pytest.raises(OrganodeError, match=r"predictions of .* cannot be read"):
        promote("IE", "2")
    assert champion(store) == "1"
    force("2")
    assert champion(store) == "2"
