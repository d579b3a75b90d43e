"""Tags that say which code and which labels a run used."""

import json

import pytest

from organode.artifacts import CURATION_SUMMARY, PROVENANCE
from organode.errors import OrganodeError
from organode.tracking.provenance import label_provenance, provenance_tags

SOURCE = {"source": "file", "level_of_theory": "B3LYP", "reference": "li"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (PROVENANCE, CURATION_SUMMARY):
        path.parent.mkdir(parents=True)
    return tmp_path


def test_labels_have_the_reference_that_curation_gave_them(project):
    assert label_provenance() == {}
    PROVENANCE.write_text(json.dumps(SOURCE))
    assert label_provenance() == SOURCE | {"source_reference": "li"}
    CURATION_SUMMARY.write_text(json.dumps({"reference": {"scale": "absolute"}}))
    assert label_provenance() == SOURCE | {"source_reference": "li", "reference": "absolute"}
    tags = provenance_tags()
    assert tags["organode.reference"] == "absolute"
    assert tags["organode.source"] == "file"
    assert "organode.data_md5" not in tags


@pytest.mark.parametrize(
    ("path", "content", "command"),
    [
        (PROVENANCE, "{}", "organode fetch"),
        (PROVENANCE, "[]", "organode fetch"),
        (CURATION_SUMMARY, '{"reference": 1}', "organode curate"),
    ],
)
def test_damaged_descriptions_of_data_are_reported_with_remedy(project, path, content, command):
    PROVENANCE.write_text(json.dumps(SOURCE))
    path.write_text(content)
    with pytest.raises(OrganodeError, match=rf"{path} is damaged: run `{command}` again"):
        label_provenance()
