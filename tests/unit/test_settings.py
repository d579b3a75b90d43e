from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from organode.errors import UsageError
from organode.settings import Settings, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text)
    return path


def test_the_file_that_ships_says_what_the_code_assumes():
    assert load_settings(ROOT / "params.yaml") == Settings()


def test_the_file_that_ships_names_every_key():
    def keys(content, prefix=""):
        for key, value in content.items():
            yield prefix + key
            if isinstance(value, dict):
                yield from keys(value, f"{prefix}{key}.")

    shipped = yaml.safe_load((ROOT / "params.yaml").read_text())
    assert set(keys(shipped)) == set(keys(Settings().model_dump()))


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Settings().search.n_trials = 3


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("search.n_trials=0", ["search.n_trials = 0", "≥ 1", "≤ 100,000"]),
        ("search.n_trials=many", ["search.n_trials = 'many'", "integer"]),
        ("search.n_bits=[3]", ["search.n_bits.0 = 3", "at least 16 bits, or 0"]),
        ("search.trials=5", ["unknown key 'search.trials'", "n_trials"]),
        ("sreen.top=5", ["unknown key 'sreen'", "screen"]),
        ("fetch.source=mp", ["fetch.source = 'mp'", "'materials-project'"]),
        ("fetch.file.columns.IEE=x", ["unknown key 'fetch.file.columns.IEE'", "'IE'"]),
        ("search.radius=[3, 1]", ["radius", "must not be the larger"]),
        ("search.n_folds=20", ["search.n_folds = 20", "split.n_folds = 8"]),
        ("search.radius=[0, 6]", ["featurize.max_radius = 4"]),
        ("curate.IE_bounds=[5, 1]", ["curate.IE_bounds", "smaller"]),
        ("targets=[IE, IE]", ["targets", "twice"]),
        ("targets=[IP]", ["targets.0 = 'IP'", "'IE' or 'EA'"]),
        ("split=3", ["split = 3"]),
        ("seed", ["--set seed", "section.key=value"]),
        ("seed.deep=1", ["'seed' is not a section"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(override, parts):
    with pytest.raises(UsageError) as caught:
        load_settings(ROOT / "params.yaml", [override])
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_several_mistakes_are_told_at_once(tmp_path):
    path = write(tmp_path, "search: {n_trials: 0, epochs: -1}\n")
    with pytest.raises(UsageError, match=r"n_trials.*epochs"):
        load_settings(path)


@pytest.mark.parametrize("text", ["- a\n- b\n", "search: [unclosed\n", "just text\n"])
def test_what_is_no_settings_file_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match=r"params\.yaml"):
        load_settings(write(tmp_path, text))


def test_a_missing_file_says_where_to_run(tmp_path):
    with pytest.raises(UsageError, match="run from the project's folder"):
        load_settings(tmp_path / "params.yaml")


def test_what_the_file_leaves_out_keeps_its_default(tmp_path):
    settings = load_settings(write(tmp_path, "search: {n_trials: 7}\n"))
    assert settings.search.n_trials == 7
    assert settings.train == Settings().train
