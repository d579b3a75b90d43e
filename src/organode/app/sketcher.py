"""Show the molecule editor JSME on the web page, without access to the network.

JSME is by Bienfait and Ertl (J. Cheminform. 5 (2013) 24, doi 10.1186/1758-2946-5-24). The package
`streamlit_jsme` contains a copy.
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
    """Show the molecule editor, and return the SMILES of the molecule that the user drew.

    It is the drawing at the time when the user last pressed the button *Apply*; the text is empty
    if the button was not pressed yet. `height` is the height of the editor in pixels.
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
    """Return the script of `streamlit_jsme` without the address from which it would load JSME.

    Raises
    ------
    ValueError
        If the script lacks that address or holds another one, as in another version of the package.
    """
    local = script.replace(ELSEWHERE, NOTHING)
    if local == script or "://" in local:
        raise ValueError("this version of streamlit_jsme loads from elsewhere: install 0.1.10")
    return local
