"""The sketcher is kept off the network."""

import pytest
import streamlit_jsme

from organode.app.sketcher import NOTHING, offline


def test_script_loads_nothing_from_elsewhere():
    script = offline(streamlit_jsme._JS)
    assert "://" not in script
    assert NOTHING in script
    assert "JSApplet.JSME" in script


@pytest.mark.parametrize("script", ["nothing", "src = 'https://other.example/x.js'"])
def test_another_version_is_refused(script):
    with pytest.raises(ValueError, match=r"install 0\.1\.10"):
        offline(script)
