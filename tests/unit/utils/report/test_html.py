"""Reports in HTML."""

from organode.utils.report import html


def test_text_of_reports_is_escaped(tmp_path, monkeypatch):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/__init__.py").touch()
    (tmp_path / "reports/report.html.j2").write_text(
        "<style>{{ style }}</style>{{ name }} {{ version }}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    page = html.render("reports", name="<script>&")
    assert "&lt;script&gt;&amp;" in page
    assert "<script>" not in page
    assert "{" in page.partition("</style>")[0]  # the style is not escaped
