"""What MkDocs does beside its plugins: formulas, pages of the API, documents of other folders."""

import html
import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "organode"
# Commands are described by `organode --help`; what serves everything else is no interface.
UNLISTED = ("cli", "utils")
# Documents that have their place elsewhere, by the section and title under which they are shown.
ELSEWHERE = {
    "Project": {
        "Contributing": ("contributing.md", ROOT / "CONTRIBUTING.md"),
        "Changelog": ("changelog.md", ROOT / "CHANGELOG.md"),
    },
    "Data": {
        "Embedded data set": ("data/embedded.md", ROOT / "data" / "embedded" / "README.md"),
        "Measured potentials": ("data/measured.md", ROOT / "data" / "measured" / "README.md"),
    },
}
INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)([^)]+)\)")
DISPLAY = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages that `on_files` adds into the navigation."""
    nav: list[dict[str, Any]] = config.nav
    sections = {title: entries for section in nav for title, entries in section.items()}
    sections["API"] += [{name: f"api/{name}.md"} for name in _packages()]
    for title, documents in ELSEWHERE.items():
        entries = [{name: uri} for name, (uri, _) in documents.items()]
        if title in sections:
            sections[title] += entries
        else:
            nav.insert(-1, {title: entries})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each package of the API, and the documents of other folders."""
    for name, modules in _packages().items():
        text = f"# organode.{name}\n\n" + "\n\n".join(f"::: {module}" for module in modules)
        files.append(File.generated(config, f"api/{name}.md", content=text))
    for documents in ELSEWHERE.values():
        for uri, path in documents.values():
            files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(
    markdown: str,
    page: Page,
    config: MkDocsConfig,  # noqa: ARG001
    files: Files,  # noqa: ARG001
) -> str:
    """Let links of documents from elsewhere lead to pages; what is no page keeps its name only."""
    uris = {uri for documents in ELSEWHERE.values() for uri, _ in documents.values()}
    if page.file.src_uri not in uris:
        return markdown

    def link(found: re.Match[str]) -> str:
        text, target = found.groups()
        if not target.startswith("docs/"):
            return text
        up = "../" * page.file.src_uri.count("/")
        return f"[{text}]({up}{target.removeprefix('docs/')})"

    return LINK.sub(link, markdown)


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Turn formulas into MathML: browsers show it without a script, and so without a network."""
    content = INLINE.sub(lambda found: _mathml(found[1], "inline"), content)
    return DISPLAY.sub(
        lambda found: f'<div class="formula">{_mathml(found[1], "block")}</div>', content
    )


def _mathml(formula: str, display: str) -> str:
    return convert(html.unescape(formula).strip(), display=display)


def _packages() -> dict[str, list[str]]:
    """Return the modules of each package that is shown, found in the source tree."""
    found: dict[str, list[str]] = {}
    for folder in sorted(path.parent for path in PACKAGE.glob("*/__init__.py")):
        if folder.name not in UNLISTED:
            modules = (
                path for path in sorted(folder.rglob("*.py")) if not path.stem.startswith("_")
            )
            found[folder.name] = [
                ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in modules
            ]
    return found
