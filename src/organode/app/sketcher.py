"""The sketcher of the page: JSME, as the package `streamlit_jsme` ships it, kept off the network.

JSME is by Bienfait and Ertl (J. Cheminform. 5 (2013) 24, doi 10.1186/1758-2946-5-24).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st
import streamlit_jsme

# Where the package loads JSME from if its own copy is not ready yet. That copy comes a moment later
# and calls what waits for it, so that an empty script does in place of this.
ELSEWHERE = "https://unpkg.com/jsme-editor@2024.4.29/jsme.nocache.js"
NOTHING = "data:text/javascript,"


def sketcher(height: int) -> str:
    """Show the sketcher, and return the SMILES of what was drawn when *Apply* was pressed last.

    `height` is in pixels. Empty if nothing was applied yet.
    """
    drawn = _component()(
        data={"molecule": "", "height": height, "format": "SMILES"},
        default={"result": ""},
        key="sketcher",
        on_result_change=lambda: None,
    )
    return str(drawn.result or "")


@cache
def _component() -> Any:
    return st.components.v2.component(
        "organode_sketcher",
        html=streamlit_jsme._HTML,
        js=offline(streamlit_jsme._JS),
        isolate_styles=False,
    )


def offline(script: str) -> str:
    """Return the package's script without the address that it would load JSME from.

    Raises
    ------
    ValueError
        If the script holds another address, as another version of the package might.
    """
    local = script.replace(ELSEWHERE, NOTHING)
    if local == script or "://" in local:
        raise ValueError("this version of streamlit_jsme loads from elsewhere: install 0.1.10")
    return local
