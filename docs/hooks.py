"""What MkDocs does beside its plugins: formulas, notebooks, pages of the API, other documents."""

import html
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

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
        "Pre-training set": ("data/pretraining.md", ROOT / "data" / "pretraining" / "README.md"),
        "Measured potentials": ("data/measured.md", ROOT / "data" / "measured" / "README.md"),
    },
}
TUTORIALS = ROOT / "docs" / "tutorials"
TOO_LONG = ("own-data",)  # trains models: shown without its output; a test runs it
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
    """Add pages of notebooks and of the API's packages, and the documents of other folders."""
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        text, pictures = _tutorial(path)
        files.append(File.generated(config, f"tutorials/{path.stem}.md", content=text))
        for name, content in pictures.items():
            files.append(File.generated(config, f"tutorials/{name}", content=content))
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
    """Let links that are right in the checkout lead to pages.

    In a document from elsewhere, the name alone is left of what is no page.
    """
    elsewhere = {path: uri for documents in ELSEWHERE.values() for uri, path in documents.values()}
    tutorials = {path: f"tutorials/{path.stem}.md" for path in TUTORIALS.glob("*.ipynb")}
    pages = elsewhere | tutorials
    if page.file.src_uri in tutorials.values():  # links to the notebook itself
        return markdown
    up = "../" * page.file.src_uri.count("/")

    def from_elsewhere(found: re.Match[str]) -> str:
        text, target = found.groups()
        is_page = target.startswith("docs/")
        return f"[{text}]({up}{target.removeprefix('docs/')})" if is_page else text

    def to_elsewhere(found: re.Match[str]) -> str:
        text, target = found.groups()
        uri = pages.get((ROOT / "docs" / page.file.src_uri).parent.joinpath(target).resolve())
        return found[0] if uri is None else f"[{text}]({up}{uri})"

    is_elsewhere = page.file.src_uri in elsewhere.values()
    return LINK.sub(from_elsewhere if is_elsewhere else to_elsewhere, markdown)


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Turn formulas into MathML: browsers show it without a script, and so without a network."""
    content = INLINE.sub(lambda found: _mathml(found[1], "inline"), content)
    return DISPLAY.sub(
        lambda found: f'<div class="formula">{_mathml(found[1], "block")}</div>', content
    )


def _tutorial(path: Path) -> tuple[str, dict[str, bytes]]:
    """Run a notebook in an empty folder; return it as Markdown, and its pictures by name."""
    notebook = nbformat.read(path, as_version=4)
    if path.stem not in TOO_LONG:
        with tempfile.TemporaryDirectory() as folder:
            # By a socket in the file system: over TCP the kernel warns that anybody may listen.
            file = f"{folder}/kernel.json"
            kernel = KernelManager(transport="ipc", connection_file=file)
            client = NotebookClient(notebook, km=kernel, resources={"metadata": {"path": folder}})
            try:
                client.execute()
            finally:
                kernel.shutdown_kernel(now=True)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    text, resources = MarkdownExporter().from_notebook_node(notebook, {"unique_key": path.stem})
    return f"{text}\n[Download this notebook]({path.name})\n", resources["outputs"]


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
