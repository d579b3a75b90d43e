"""A version in the registry."""

import pytest

from organode.tracking.registry.versions import Loaded, Registered, model_name

VERSION = Registered(
    target="IE", name="organode-IE", version="3", aliases=("champion",), metrics={"margin": "0.25"},
    data_sha256="d", splits_sha256="s", reference="absolute", level_of_theory="xTB", run_id="r",
)  # fmt: skip


@pytest.mark.parametrize("target", ["IE", "EA", "stability"])
def test_name_says_project_and_target(target):
    assert model_name(target) == f"organode-{target}"


def test_address_is_of_exactly_this_version():
    """Not of an alias, which may move."""
    assert VERSION.uri == "models:/organode-IE/3"


def test_error_bar_is_a_number_of_the_metrics():
    assert Loaded(VERSION, model=None).margin == 0.25
    other = Registered(**{**vars(VERSION), "metrics": {}})
    with pytest.raises(KeyError, match="margin"):
        _ = Loaded(other, model=None).margin
