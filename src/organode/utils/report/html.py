"""HTML reports: each is a single file that contains its style and pictures and opens offline."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from organode import __version__


def render(package: str, **content: Any) -> str:
    """Return the HTML of a report: the template ``report.html.j2`` of `package`, filled in.

    `package` is a name such as ``organode.curate``. The template gets the variables in `content`,
    whose text is escaped, `style` (the CSS of all reports) and `version` (of organode).
    """
    environment = Environment(
        loader=PackageLoader(package, "."), autoescape=True, undefined=StrictUndefined
    )
    style = Markup((files("organode.utils.report") / "style.css").read_text(encoding="utf-8"))
    template = environment.get_template("report.html.j2")
    return template.render(style=style, version=__version__, **content)
