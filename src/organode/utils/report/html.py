"""Render HTML reports; each is a single file with its style and pictures, and opens offline."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from organode import __version__


def render(package: str, **content: Any) -> str:
    """Fill in the template ``report.html.j2`` of a package, and return the HTML of the report.

    `package` is a name such as ``organode.curate``. The variables of the template are those in
    `content` (their text is escaped), `style` (the CSS of all reports) and `version` (of organode).
    """
    environment = Environment(
        loader=PackageLoader(package, "."), autoescape=True, undefined=StrictUndefined
    )
    style = Markup((files("organode.utils.report") / "style.css").read_text(encoding="utf-8"))
    template = environment.get_template("report.html.j2")
    return template.render(style=style, version=__version__, **content)
