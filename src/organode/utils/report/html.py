"""HTML reports: each is a single file with its style, which opens offline."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from organode import __version__


def render(package: str, **content: Any) -> str:
    """Fill the template ``report.html.j2`` of a package; all text of `content` is escaped.

    The template also gets `style`, which all reports share, and `version`.
    """
    environment = Environment(
        loader=PackageLoader(package, "."), autoescape=True, undefined=StrictUndefined
    )
    style = Markup((files("organode.utils.report") / "style.css").read_text(encoding="utf-8"))
    template = environment.get_template("report.html.j2")
    return template.render(style=style, version=__version__, **content)
