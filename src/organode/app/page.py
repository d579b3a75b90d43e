"""Show the web page: Streamlit runs this file from the top whenever the user changes an input."""

from __future__ import annotations

import os

import pandas as pd
import streamlit as st

from organode.api.load import load_model
from organode.app.cards import cards
from organode.app.comparison import compared
from organode.app.molecules import (
    MOST,
    Given,
    drawn_molecule,
    dropped_molecules,
    pasted_molecules,
)
from organode.app.screening import screen_file
from organode.app.server import MODEL
from organode.app.sketcher import sketcher
from organode.electrochemistry import axis, known_references, warnings
from organode.electrochemistry.collectors import known_collectors
from organode.electrochemistry.solvents import known_solvents
from organode.errors import OrganodeError
from organode.models.model import Model
from organode.models.predictor import predict
from organode.plot.potentials import as_svg, draw_ladder
from organode.settings import Screen
from organode.utils.progress import console

SHOWN = 24  # cards; more molecules are in the table
IN_LADDER = 12
LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95)
EXAMPLE = "O=C1C=CC(=O)C=C1\tbenzoquinone\nO=C1c2ccccc2C(=O)c2ccccc21\tanthraquinone"
COLOURS = {"": "no colour", "EA": "reduction", "IE": "oxidation"}
CELLS = {"flow": "flow battery", "metal": "lithium cell", "symmetric": "symmetric cell"}


@st.cache_resource(show_spinner="Loading the model …")
def _model() -> Model:
    console.quiet = True  # of several pages at once, only one could have a bar on the terminal
    return load_model(os.environ.get(MODEL) or None)


@st.cache_data(show_spinner="Predicting …", max_entries=50)
def _predictions(given: Given, _model: Model, cell: Screen, level: float) -> pd.DataFrame:
    return predict(
        _model.energies,
        given.smiles,
        stability=_model.stability,
        problems=given.problems,
        level=level,
        reference=cell.reference,
        solvent=cell.solvent,
    )


@st.cache_data(show_spinner="Explaining …", max_entries=50)
def _cards(shown: pd.DataFrame, _model: Model, cell: Screen, level: float, colour_by: str) -> str:
    return cards(_model, shown, cell, level, colour_by)


def _cell() -> tuple[Screen, float]:
    """Ask for reference electrode, solvent, current collector and level in the side bar.

    Return settings with the first three, and the level: the share of values that are to lie inside
    the prediction intervals, 0 to 1.
    """
    with st.sidebar:
        st.header("Electrolyte")
        references, solvents, collectors = known_references(), known_solvents(), known_collectors()
        reference = st.selectbox("Reference electrode", references, references.index("Li/Li+"))
        solvent = st.selectbox(
            "Solvent",
            list(solvents),
            list(solvents).index(Screen().solvent),
            format_func=lambda code: solvents[code].title,
        )  # fmt: skip
        collector = st.selectbox(
            "Positive collector", list(collectors), list(collectors).index(Screen().collector),
            format_func=lambda name: collectors[name].title,
        )  # fmt: skip
        level = st.select_slider("Interval", LEVELS, LEVELS[-1], format_func="{:.0%}".format)
    return Screen(reference=reference, solvent=solvent, collector=collector), level


def _given() -> Given:
    """Ask for molecules, and return the drawn, the pasted and the uploaded molecules together."""
    left, right = st.columns(2)
    with left:
        st.subheader("Draw")
        drawn = sketcher(320)
    with right:
        st.subheader("Paste")
        text = st.text_area(
            "SMILES, InChI or names, one a line; a name may follow after a tab", EXAMPLE, height=180
        )
        file = st.file_uploader("Or a file: CSV, XLSX, SDF, SMILES …")
    parts = [drawn_molecule(drawn), pasted_molecules(text)]
    if file is not None:
        try:
            dropped, number = dropped_molecules(file.name, file.getvalue())
            parts.append(dropped)
            if number > MOST:
                st.warning(f"{number:,} rows: the first {MOST:,} are answered. Screen it for all.")
        except OrganodeError as error:
            st.error(str(error))
    return sum(parts, Given([], [], []))


def _molecules(model: Model, cell: Screen, level: float) -> None:
    given = _given()
    if not given.smiles:
        st.info("Draw a molecule, paste some, or drop a file.")
        return
    table = _predictions(given, model, cell, level)
    table.insert(0, "name", given.names)
    good = table[table["status"] == "ok"]
    st.subheader(f"{len(good):,} of {len(table):,} molecules answered")
    st.caption(f"E, predicted for a voltammogram: {axis(cell)}")
    if len(good):
        svg = as_svg(draw_ladder(model, good.head(IN_LADDER), cell, level=level, known=3))
        st.image(svg, width="stretch", alt="Potentials between the limits of the electrolyte")
        csv, drawing = st.columns(2)
        csv.download_button("Table (CSV)", table.to_csv(index=False), "potentials.csv", "text/csv")
        drawing.download_button("Figure (SVG)", svg, "potentials.svg", "image/svg+xml")
    colour_by = st.radio(
        "Colour groups by what they add to the potential (blue: higher, orange: lower)",
        list(COLOURS), format_func=COLOURS.get, horizontal=True,
    )  # fmt: skip
    st.html(_cards(table.head(SHOWN), model, cell, level, colour_by))
    if len(table) > SHOWN:
        st.caption(f"The first {SHOWN} as cards; all in this table:")
        st.dataframe(table)
    _comparison(model, good, cell, level)


def _comparison(model: Model, good: pd.DataFrame, cell: Screen, level: float) -> None:
    """Show how the potentials of molecules differ from those of a measured molecule.

    The user names the measured molecule. In such a difference, errors that both predictions have in
    common cancel. `good` are the rows of predictions whose `status` is ``ok``.
    """
    st.subheader("Compare with a measured molecule")
    reference = st.text_input("Its name, abbreviation or SMILES", placeholder="AQ")
    if not reference or good.empty:
        return
    few = good.head(SHOWN)
    try:
        table = compared(
            model, few["name"].tolist(), few["smiles"].tolist(), reference, cell, level
        )
    except OrganodeError as error:
        st.error(str(error))
        return
    st.dataframe(table, hide_index=True)


def _screening(model: Model, cell: Screen) -> None:
    """Screen a library that the user uploads, show the progress, and offer the report."""
    file = st.file_uploader("A library: CSV, XLSX, Parquet, SDF, SMILES …", key="library")
    kind = st.radio("Cell", list(CELLS), format_func=CELLS.get, horizontal=True)
    asked = st.button("Screen", type="primary", disabled=file is None)
    if file is None or not asked:
        return
    bar = st.progress(0.0, "Reading …")

    def watch(what: str, done: int, total: int | None) -> None:
        share = min(done / total, 1.0) if total else 0.0
        bar.progress(share, f"{what}: {done:,} of {total or 0:,}")

    settings = cell.model_copy(update={"cell": kind})
    try:
        found = screen_file(file.name, file.getvalue(), model, settings, watch)
    except OrganodeError as error:
        bar.empty()
        st.error(str(error))
        return
    bar.progress(1.0, f"{len(found.candidates):,} candidates among {found.rows:,} rows")
    names = {
        "report.html": "text/html",
        "candidates.csv": "text/csv",
        "candidates.sdf": "text/plain",
    }
    for column, (name, kind_of_file) in zip(st.columns(len(names)), names.items(), strict=True):
        column.download_button(name, found.files[name], name, kind_of_file)
    st.iframe(found.files["report.html"].decode(), height=900)


def main() -> None:
    """Show the whole web page: the settings, a tab for molecules, and a tab for screening."""
    st.set_page_config("organode", page_icon="⌬", layout="wide")
    st.title("organode")
    try:
        model = _model()
        cell, level = _cell()
        for text in warnings(cell):
            st.warning(text)
        molecules, library = st.tabs(["Molecules", "Screen a library"])
        with molecules:
            _molecules(model, cell, level)
        with library:
            _screening(model, cell)
    except OrganodeError as error:
        st.error(str(error))


if __name__ == "__main__":
    main()
