"""Cards of the page."""

import pytest

from organode.api.load import PACKAGED
from organode.app.cards import cards
from organode.models.model import Model
from organode.settings import Screen

SMILES = ["O=C1C=CC(=O)C=C1", "no molecule", "CN1c2ccccc2Sc2ccccc21"]
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


def shown(model, names=("BQ", HOSTILE, "MPT"), **cell):
    table = model.predict(SMILES, **cell).assign(name=list(names))
    return cards(model, table, Screen(**cell), 0.95), table


def test_card_has_potentials_intervals_stability_and_measured_relatives(model):
    text, table = shown(model)
    first = table.iloc[0]
    for part in (
        f"<strong>{first['E_red']:.2f}</strong>",
        f"{first['E_red_lower']:.2f} to {first['E_red_upper']:.2f}",
        f"{100 * first['stable_red']:.0f} %",
        "1,4-benzoquinone (BQ)",
        'alt="Structure of BQ"',
        "95 % interval",
    ):
        assert part in text
    assert text.count("<article") == 3
    assert text.count("<img") == 2


def test_names_are_texts_and_an_unreadable_molecule_says_why(model):
    text, table = shown(model)
    assert HOSTILE not in text
    assert "&lt;img src=x" in text
    assert table["status"][1] in text


def test_card_says_what_each_group_adds(model):
    table = model.predict(["COC1=CC(=O)C=CC1=O"]).assign(name=["methoxyquinone"])
    text = cards(model, table, Screen(), 0.95)
    assert f"Reduction: {table['E_red'][0]:.2f} V = " in text
    assert "O=C1C=CC(=O)C=C1 -0." in text
    assert "*OC" in text


def test_groups_are_coloured_if_asked(model):
    table = model.predict(["COC1=CC(=O)C=CC1=O"]).assign(name=["methoxyquinone"])
    plain, by_reduction, by_oxidation = (
        cards(model, table, Screen(), 0.95, wave) for wave in ("", "EA", "IE")
    )
    assert len({plain, by_reduction, by_oxidation}) == 3
    assert len(by_reduction) > len(plain)


def test_potentials_are_against_the_chosen_electrode(model):
    against_li, _ = shown(model)
    against_fc, table = shown(model, reference="Fc/Fc+")
    assert f"<strong>{table['E_red'][0]:.2f}</strong>" in against_fc
    assert against_li != against_fc
