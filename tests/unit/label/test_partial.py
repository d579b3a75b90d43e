import json
import random

import pytest

from organode.errors import OrganodeError
from organode.label import engine
from organode.label.engine import label_table
from organode.label.method import Method
from organode.label.partial import identity

CLUSTER = "more than one fragment (cluster, salt or solvate)"


def labelled(row, smiles):
    return {"row": row, "smiles": smiles, "status": "ok"}


def test_identity_depends_on_the_code(monkeypatch):
    now = identity(["C", "CC"], Method(solvent="water"))
    assert now == identity(["C", "CC"], Method(solvent="water"))
    monkeypatch.setattr("organode.label.partial.code_digest", lambda *modules: f"another {modules}")
    assert now != identity(["C", "CC"], Method(solvent="water"))


def test_identity_depends_on_every_option():
    methods = [
        Method(level, solvent, adiabatic)
        for level, solvent, adiabatic in [
            ("xtb", None, False), ("b3lyp", None, False), ("b3lyp", "water", False),
            ("b3lyp", "acetonitrile", False), ("b3lyp", None, True), ("b3lyp", "water", True),
            ("xtb", None, True), ("xtb", "water", True),
        ]
    ]  # fmt: skip
    assert len({identity(["C"], method) for method in methods}) == len(methods)


@pytest.fixture
def interrupted(tmp_path):
    """A partial file of two finished rows of three, and the labelling of the rest replaced."""
    cells = ["C", "CC", "CCC"]
    partial = tmp_path / "labels.csv.partial"
    lines = [{"identity": identity(cells, Method())}, labelled(0, "C"), labelled(2, "CCC")]
    partial.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return cells, tmp_path / "labels.csv", partial


@pytest.fixture
def labelled_now(monkeypatch):
    rows = []

    def label_all(smiles, todo, method, jobs, stop):
        for row in todo:
            rows.append(row)
            yield labelled(row, smiles[row])

    monkeypatch.setattr(engine, "label_all", label_all)
    return rows


def test_finished_rows_are_not_repeated(interrupted, labelled_now):
    cells, out, partial = interrupted
    table = label_table(cells, out)
    assert labelled_now == [1]
    assert table["smiles"].tolist() == cells
    assert not partial.exists()


@pytest.mark.parametrize(
    "incomplete", ['{"row": 1, "smi', '{"row": 1, "smiles": "CC", "status": "ok"}']
)
def test_incomplete_last_line_is_repeated(interrupted, monkeypatch, incomplete):
    cells, out, partial = interrupted
    with partial.open("a") as stream:
        stream.write(incomplete)
    rows = []

    def killed_after_one(smiles, todo, method, jobs, stop):
        rows.extend(todo)
        yield labelled(todo[0], smiles[todo[0]])
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "label_all", killed_after_one)
    with pytest.raises(KeyboardInterrupt):
        label_table(cells, out)
    assert rows == [1]
    # The appended line is complete, although half a line was there before.
    monkeypatch.setattr(engine, "label_all", lambda *_: iter(()))
    table = label_table(cells, out)
    assert table["row"].tolist() == [0, 1, 2]
    assert table["smiles"].tolist() == cells


def test_incomplete_first_line_starts_again(interrupted, labelled_now):
    cells, out, partial = interrupted
    partial.write_text('{"identi')
    label_table(cells, out)
    assert labelled_now == [0, 1, 2]


@pytest.mark.parametrize(
    ("cells", "method"),
    [
        (["C", "CC", "CCCC"], {}),
        (["C", "CC"], {}),
        (["C", "CC", "CCC"], {"solvent": "acetonitrile"}),
        (["C", "CC", "CCC"], {"level": "b3lyp"}),
    ],
)
def test_partial_file_of_other_input_or_method_is_rejected(
    interrupted, labelled_now, cells, method
):
    _, out, partial = interrupted
    before = partial.read_bytes()
    with pytest.raises(OrganodeError, match="another input, level, solvent"):
        label_table(cells, out, **method)
    assert partial.read_bytes() == before
    assert labelled_now == []


@pytest.mark.parametrize("content", ["smiles,IE\nC,1\n", "[1]\n", '{"a": 1}\n', "\n"])
def test_other_file_in_place_of_the_partial_file_is_rejected(interrupted, labelled_now, content):
    cells, out, partial = interrupted
    partial.write_text(content)
    with pytest.raises(OrganodeError, match="not a file of unfinished labels"):
        label_table(cells, out)
    assert partial.read_text() == content


@pytest.fixture
def resumable(tmp_path, monkeypatch):
    """Twelve molecules, nine of them finished by an interrupted command; its partial file."""
    cells = [f"C{'C' * n}O" for n in range(12)]

    def label_all(smiles, todo, method, jobs, stop):
        for row in todo:
            yield {
                "row": row,
                "smiles": smiles[row],
                "status": "ok",
                "IE": 8.25 + row / 7,
                "EA": -1.5 - row / 3,
                "unbound": True,
            }

    def interrupted(smiles, todo, method, jobs, stop):
        for record in label_all(smiles, todo, method, jobs, stop):
            if record["row"] == 9:
                raise KeyboardInterrupt
            yield record

    out = tmp_path / "labels.csv"
    monkeypatch.setattr(engine, "label_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        label_table(cells, out)
    monkeypatch.setattr(engine, "label_all", label_all)
    return cells, out, tmp_path / "labels.csv.partial"


def test_damaged_partial_file_is_an_error_and_never_changes_labels(resumable, tmp_path):
    cells, out, partial = resumable
    whole = partial.read_bytes()
    label_table(cells, tmp_path / "undisturbed.csv")
    expected = (tmp_path / "undisturbed.csv").read_bytes()
    chance = random.Random(5)
    refused = 0
    for turn in range(200):
        content = bytearray(whole)
        if turn % 4:
            content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        else:  # as after a kill
            content = content[: chance.randrange(len(whole))]
        partial.write_bytes(content)
        try:
            label_table(cells, out)
        except OrganodeError as error:
            refused += 1
            assert turn % 4, "a file left by a kill is resumed"
            assert str(partial) in str(error)
            assert "remove it" in str(error)
            assert "\n" not in str(error)
            assert partial.read_bytes() == content
        else:
            assert out.read_bytes() == expected
    assert refused > 100


@pytest.mark.parametrize(
    "line",
    ['{"row": 1}', '{"row": 12, "status": "ok"}', '{"row": -1, "status": "ok"}', "[1]", "null",
     '{"row": "1", "status": "ok"}', '{"row": 1, "status": 2}', '{"status": "ok"}',
     '{"row": 1, "status": "ok", "IX": 1}', '{"row": 1, "status": "ok", "crc": 1}', "[" * 9999],
)  # fmt: skip
def test_invalid_line_of_the_partial_file_is_rejected(resumable, line):
    cells, out, partial = resumable
    with partial.open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(OrganodeError, match=r"labels\.csv\.partial is not a file of"):
        label_table(cells, out)


def test_device_in_place_of_the_partial_file_is_rejected(tmp_path, labelled_now):
    (tmp_path / "labels.csv.partial").symlink_to("/dev/zero")
    with pytest.raises(OrganodeError, match=r"\.partial is not a file"):
        label_table(["C", "CC"], tmp_path / "labels.csv")
