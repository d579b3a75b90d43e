"""What the registry knows of each kind of model, and when versions can be compared."""

from types import SimpleNamespace

import pytest

from organode.tracking.registry.kinds import NAMES, kind_of
from organode.tracking.registry.kinds.kind import difference_in, outcome_of
from organode.tracking.registry.versions import Registered


def registered(version: str, **facts: str) -> Registered:
    """A version of which only some facts are known."""
    unknown = dict.fromkeys(Registered.__dataclass_fields__, "")
    return Registered(**(unknown | {"name": "organode-IE", "version": version} | facts))


@pytest.mark.parametrize("target", NAMES)
def test_every_kind_has_the_attributes_that_the_registry_needs(target):
    kind = kind_of(target)
    assert kind.target == target
    assert kind.served_by.is_file()
    assert kind.made_by.startswith("organode ")
    assert len(kind.data_version) == 2


def test_columns_of_predictions_are_those_of_the_target():
    assert next(iter(kind_of("EA").columns)) == "EA"
    assert list(kind_of("stability").columns) == [
        "stable_ox",
        "stable_ox_reason",
        "stable_red",
        "stable_red_reason",
    ]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("a", "a", ""),
        ("a", "b", "organode-IE version 2 and the champion, version 1, have different tables"),
        ("", "", "have different tables"),  # unknown
    ],
)
def test_versions_of_other_or_unknown_data_cannot_be_compared(first, second, message):
    candidate = registered("2", data_sha256=first)
    champion = registered("1", data_sha256=second)
    difference = difference_in(candidate, champion, {"data_sha256": "tables"})
    assert message in difference
    assert bool(difference) == bool(message)


@pytest.mark.parametrize("is_better", [True, False])
def test_candidate_is_promoted_only_if_it_is_better_by_more_than_chance(is_better):
    comparison = SimpleNamespace(is_better=is_better, sentence=lambda: "the numbers")
    outcome = outcome_of(registered("2"), registered("1"), comparison)
    assert bool(outcome.objection) != is_better
    assert is_better or outcome.objection.endswith("by more than chance: the numbers")
