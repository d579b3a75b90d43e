from pathlib import Path

import pytest
import yaml

from helpers import ROOT
from organode.errors import UsageError, without_password
from organode.settings import Screen, Settings, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text)
    return path


def test_shipped_file_holds_the_defaults():
    assert load_settings(ROOT / "params.yaml") == Settings()


def test_shipped_file_names_every_key():
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
        ("a." * 3_000 + "b=1", ["--set a.a.", "no key lies that deep"]),
        ("screen.level=.nan", ["screen.level = nan", "finite"]),
        ("screen.roles.p.low=.inf", ["screen.roles.p.low = inf", "finite"]),
        ("screen.roles={n: {high: -.inf}}", ["screen.roles.n.high = -inf", "finite"]),
        ("screen.roles.p.low=11", ["screen.roles.p.low = 11", "≥ -4 and ≤ 10"]),
        ("screen.roles.p.above=3", ["'screen.roles.p.above'", "known here: low, high, partner)"]),
        ("screen.roles.q.low=3", ["unknown key 'screen.roles.q'", "'p' or 'n'"]),
        ("screen.cell=lead", ["screen.cell = 'lead'", "'flow', 'metal' or 'symmetric'"]),
        ("screen.tiers=[good]", ["screen.tiers.0 = 'good'", "'fine', 'caution' or 'fatal'"]),
        ("screen.tiers=[fine, fine]", ["screen.tiers", "twice"]),
        ("screen.tiers=[]", ["screen.tiers = []", "it must hold a value"]),
        ("screen.positive_above=3", ["unknown key 'screen.positive_above'", "screen.roles.p.low"]),
        ("screen.filter.min_capacity=.inf", ["screen.filter.min_capacity = inf", "finite"]),
        ("curate.IE_bounds=[.nan, 20]", ["curate.IE_bounds.0 = nan", "finite"]),
        ("curate.EA_bounds=[-6, 1e999]", ["curate.EA_bounds.1 = inf", "finite"]),
        ("curate.largest_spread='nan'", ["curate.largest_spread = 'nan'", "finite"]),
        ("search.l2=[.nan, .nan]", ["search.l2.0 = nan", "finite"]),
        ("search.dropout=[0, .inf]", ["search.dropout.1 = inf", "finite"]),
        (
            "screen.solvents={x: {reduction: .nan, oxidation: 3, kind: a, source: b}}",
            ["screen.solvents.x.reduction = nan", "finite"],
        ),
        ("seed=" + "9" * 10_000, ["--set seed", "10,000 digits"]),
        ("seed=" + "9" * 30, ["seed = 999", "< 2,147,483,648"]),
        ("seed=1:30", ["seed = '1:30'", "integer"]),
        ("seed=[[[[[[", ["--set seed: '[[[[[['", "not valid YAML"]),
        ("search={n_trials: 1, n_trials: 2}", ["--set search", "'n_trials' is given twice"]),
        ("fetch.file.citation=!!binary aGk=", ["fetch.file.citation", "binary"]),
        ("screen={1: 2}", ["screen.1 = 1", "strings"]),
    ],
)
def test_wrong_setting_is_reported_with_value_and_allowed_range(override, parts):
    with pytest.raises(UsageError) as caught:
        load_settings(ROOT / "params.yaml", [override])
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_rejected_value_is_reported_once():
    with pytest.raises(UsageError) as caught:
        load_settings(ROOT / "params.yaml", ["screen.tiers=[good]"])
    assert str(caught.value).count("not allowed") == 1


def test_several_mistakes_are_reported_at_once(tmp_path):
    path = write(tmp_path, "search: {n_trials: 0, epochs: -1}\n")
    with pytest.raises(UsageError, match=r"n_trials.*epochs"):
        load_settings(path)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"seed: 1\nseed: 2\n", ["(line 2)", "'seed' is given twice"]),
        (b"search:\n  epochs: &e [1]\n  epochs: 2\n", ["(line 3)", "'epochs'"]),
        (b"screen:\n  level: .nan\n", ["screen.level = nan"]),
        (b"seed: 1\nscreen: {level: \x00}\n", ["U+0000 (line 2)"]),
        (b"seed: 1\nfetch: {source: \xff}\n", ["not UTF-8 text (line 2)"]),
        ("seed: 1".encode("utf-16"), ["not UTF-8 text (line 1)"]),
        (b"seed: 1\n\tsplit: {}\n", ["(line 2)"]),
        (b"# " + b"x" * 100_000, ["longer than", "bytes"]),
        (b"search: {storage: [mysql://u:hunter2/x@h]}", ["search.storage = ['mysql://h']"]),
    ],
)
def test_invalid_file_is_rejected_with_line_or_key(tmp_path, text, parts):
    path = tmp_path / "params.yaml"
    path.write_bytes(text)
    with pytest.raises(UsageError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert all(part in message for part in [*parts, "params.yaml"]), message
    assert "\n" not in message


def test_huge_file_is_not_read(tmp_path):
    with open(tmp_path / "params.yaml", "wb") as stream:
        stream.truncate(1 << 40)  # a terabyte, of which nothing is on the disk
    with pytest.raises(UsageError, match="longer than"):
        load_settings(tmp_path / "params.yaml")


def test_override_of_a_section_leaves_its_alias_unchanged(tmp_path):
    path = write(tmp_path, "search: &s {epochs: 3}\ntrain: *s\n")
    settings = load_settings(path, ["train.epochs=5"])
    assert (settings.search.epochs, settings.train.epochs) == (3, 5)


@pytest.mark.parametrize(
    "override",
    [
        "search.storage=mysql://u:hun:ter2/@h: x",
        "search.storage=[mysql://u:hunter2@h]",
        "sarch.storage=mysql://u:hun ter2@h",
        "search.storage.x=mysql://u:hunter2@h",
        "search.storage={a: mysql://u:hunter2/" + "x" * 90 + "@h}",
    ],
)
def test_messages_about_overrides_show_no_password(override):
    with pytest.raises(UsageError) as caught:
        load_settings(ROOT / "params.yaml", [override])
    assert "ter2" not in without_password(str(caught.value))


@pytest.mark.parametrize("text", ["- a\n- b\n", "search: [unclosed\n", "just text\n"])
def test_file_without_sections_is_rejected(tmp_path, text):
    with pytest.raises(UsageError, match=r"params\.yaml"):
        load_settings(write(tmp_path, text))


def test_missing_file_is_reported_with_remedy(tmp_path):
    with pytest.raises(UsageError, match="run from the project's folder"):
        load_settings(tmp_path / "params.yaml")


def test_missing_keys_keep_their_defaults(tmp_path):
    settings = load_settings(write(tmp_path, "search: {n_trials: 7}\n"))
    assert settings.search.n_trials == 7
    assert settings.train == Settings().train


def test_solvent_and_collectors_that_are_not_set_are_usual_for_the_type_of_cell():
    flow, metal = Screen(), Screen(cell="metal", negative_collector="Ti")
    assert (flow.solvent, flow.collector, flow.negative_collector) == ("ACN", "carbon", "carbon")
    assert (metal.solvent, metal.collector, metal.negative_collector) == ("EC", "Al", "Ti")
    assert Screen(cell="metal", solvent=None, collector="carbon").solvent == "EC"
    assert load_settings(ROOT / "params.yaml", ["screen.cell=metal"]).screen.solvent == "EC"


@pytest.mark.parametrize("wrong", ["cell=[flow]", "cell=pouch", "solvent=''", "collector=0"])
def test_wrong_cell_solvent_or_collector_is_not_taken_for_one_that_is_not_set(wrong):
    with pytest.raises(UsageError, match=f"screen.{wrong.split('=')[0]}"):
        load_settings(ROOT / "params.yaml", [f"screen.{wrong}"])
