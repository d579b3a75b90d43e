"""Drawings of structures."""

from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from organode.chem.drawing import PICTURE, draw


def strokes(picture: Markup) -> int:
    """Return the number of paths of a well-formed drawing."""
    return sum(element.tag.endswith("path") for element in ElementTree.fromstring(str(picture)))


@pytest.mark.parametrize(
    "text",
    [
        "CCO",
        "C[n+]1ccccc1",
        "C",
        "C(C)(C)(C)(C)C",  # five bonds
        "c1cccc1",  # no Kekulé structure
        "c1ccccc1C(C)(C)(C)C",
        "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
        "ethanol",
    ],
)
def test_structure_or_text_for_one_is_drawn_as_svg(text):
    picture = draw(text)
    assert picture.startswith("<svg")
    root = ElementTree.fromstring(str(picture))
    assert (root.get("width"), root.get("height")) == tuple(f"{side}px" for side in PICTURE)
    assert strokes(picture) > 0


def test_impossible_structure_is_drawn_with_all_its_bonds():
    assert strokes(draw("C(C)(C)(C)(C)C")) == 5


@pytest.mark.parametrize("text", ["", "xyzzy", "C1CC", "<script>x()</script>", "&", '"><b>'])
def test_unreadable_text_gives_empty_drawing(text):
    picture = draw(text)
    assert picture == "" or strokes(picture) == 0
    assert isinstance(picture, Markup)  # a page does not escape it


@pytest.mark.parametrize("text", ["CCO |$<script>;;$|", "CCO <script>", "[CH3:7]O <b>name</b>"])
def test_nothing_of_the_text_but_the_structure_is_in_the_drawing(text):
    picture = draw(text)
    assert "script" not in picture
    assert "<b>" not in picture


@pytest.mark.parametrize(
    ("name", "smiles"),
    [("CS gas", "N#CC(C#N)=Cc1ccccc1Cl"), ("Bisphenol A", "CC(C)(c1ccc(O)cc1)c1ccc(O)cc1")],
)
def test_name_that_begins_like_a_smiles_is_drawn_as_what_it_names(name, smiles):
    assert draw(name) == draw(smiles)


@pytest.mark.parametrize("text", ["no data", "CCO 5", "CCé", "N–O"])
def test_text_that_only_begins_like_a_smiles_is_not_drawn(text):
    assert draw(text) == ""


def test_drawing_has_no_background_that_would_hide_the_page():
    assert "<rect" not in draw("c1ccccc1")


def test_spelling_of_a_kekule_structure_does_not_matter():
    assert draw("c1ccccc1O") == draw("C1=CC=CC=C1O")


def test_each_line_of_a_multiple_bond_is_drawn():
    assert strokes(draw("C=C=C")) > strokes(draw("CC=C")) > strokes(draw("CCC"))
