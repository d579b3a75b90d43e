"""Files of a version that share disk space with the project's."""

from organode.tracking.registry.artefacts import share_files


def test_equal_files_are_shared_and_others_unchanged(tmp_path):
    made, stored = tmp_path / "made", tmp_path / "stored"
    for folder in (made, stored):
        (folder / "in").mkdir(parents=True)
        (folder / "in/weights.npz").write_bytes(b"weights")
        (folder / "other.json").write_text(folder.name)
    (stored / "alone.txt").write_text("alone")
    (made / "link.json").symlink_to(made / "in/weights.npz")
    (stored / "link.json").write_bytes(b"weights")
    share_files(made, stored)
    share_files(made, stored)
    assert (stored / "in/weights.npz").samefile(made / "in/weights.npz")
    assert (stored / "link.json").samefile(made / "in/weights.npz")
    assert not (stored / "link.json").is_symlink()
    assert (stored / "other.json").read_text() == "stored"
    names = ["alone.txt", "in", "link.json", "other.json", "weights.npz"]
    assert sorted(path.name for path in stored.rglob("*")) == names

    # A result is replaced as a whole; what was registered stays.
    (made / "in/new").write_bytes(b"others!")
    (made / "in/new").replace(made / "in/weights.npz")
    assert (stored / "in/weights.npz").read_bytes() == b"weights"


def test_files_stay_where_hard_links_are_impossible(tmp_path, monkeypatch):
    def fail(self, target):
        raise OSError("no hard links")

    monkeypatch.setattr("pathlib.Path.hardlink_to", fail)
    for name in ("made", "stored"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text("a")
    share_files(tmp_path / "made", tmp_path / "stored")
    assert (tmp_path / "stored/a").read_text() == "a"
    assert (tmp_path / "stored/a").stat().st_nlink == 1
