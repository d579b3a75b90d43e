import pytest

from embedded_set import pool as pool_module
from embedded_set.cores import ACIDS, FAMILIES, SPECIES
from embedded_set.families import CORES
from embedded_set.pool import HEAVY_ATOMS, MOTIFS, build_pool, choose_for_dft
from organode.chem import flat_smiles, parse_smiles
from organode.chem.molecule import CLOSED_SHELL, kind
from organode.errors import OrganodeError, UsageError
from organode.label import dft


@pytest.fixture
def small(monkeypatch):
    families = {name: FAMILIES[name] for name in ("benzoquinone", "carbonate", "azine")}
    species = {"viologen": SPECIES["viologen"][:1], "verdazyl": SPECIES["verdazyl"][:1]}
    for name, cores in species.items():
        monkeypatch.setitem(CORES, name, cores)
    monkeypatch.setattr(pool_module, "FAMILIES", families)
    monkeypatch.setattr(pool_module, "SPECIES", species)
    monkeypatch.setattr(pool_module, "SHUTTLES", {})
    for name, value in {
        "SMALL_PER_FAMILY": 12,
        "LARGE_PER_FAMILY": 8,
        "LIBRARY_PER_FAMILY": 25,
        "REAL_WITH_MOTIF": 30,
        "REAL_ANY": 30,
        "SMALL_PER_SPECIES": 5,
        "LARGE_PER_SPECIES": 3,
        "ACID_MEMBERS": 18,
    }.items():
        monkeypatch.setattr(pool_module, name, value)
    return families, species


def test_pool_is_reproducible_unique_and_disjoint_from_the_library(small):
    (pool, library), again = build_pool(), build_pool()
    assert pool.equals(again[0])
    assert library.equals(again[1])
    assert pool["smiles"].is_unique
    assert library["smiles"].is_unique
    assert library["id"].is_unique
    assert not set(pool["smiles"]) & set(library["smiles"])
    assert len(library) > 30
    for smiles in [*pool["smiles"], *library["smiles"]]:
        molecule = parse_smiles(smiles)
        assert molecule.GetNumHeavyAtoms() in HEAVY_ATOMS
        assert flat_smiles(molecule) == smiles
    families, species = small
    enumerated = pool[pool["source"] == "enumerated"]
    assert set(enumerated["family"]) == {*families, *species, *ACIDS}
    of_species = enumerated["family"].isin(species)
    assert enumerated[~of_species].groupby("family").size().max() <= 20
    kinds = enumerated["smiles"].map(lambda smiles: kind(parse_smiles(smiles)))
    assert (kinds[~of_species] == CLOSED_SHELL).all()
    assert set(kinds[of_species]) == {(2, 0), (1, 1), (0, 1)}  # viologens, also reduced
    real = pool[pool["source"] == "chemicals"]
    assert set(real["family"]) <= {"", *MOTIFS}
    assert 25 <= (real["family"] == "").sum() <= 30
    assert real.loc[real["family"] != "", "family"].value_counts().max() <= 6
    assert set(pool["source"]) == {"enumerated", "chemicals"}


def test_missing_package_is_named(monkeypatch):
    def files(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(pool_module, "files", files)
    with pytest.raises(UsageError, match="chemicals"):
        list(pool_module.compound_smiles())


def test_molecules_for_dft_are_computable_and_fairly_ordered(small):
    pool, _ = build_pool()
    chosen = choose_for_dft(pool)
    assert chosen.equals(choose_for_dft(pool))
    assert chosen["smiles"].is_unique
    for smiles in chosen["smiles"]:
        dft.check_molecule(parse_smiles(smiles))
    measured = chosen["source"] == "experiment"
    assert measured.sum() > 60
    assert measured.head(measured.sum()).all()
    rest = chosen[~measured]
    assert set(rest["smiles"]) <= set(pool["smiles"])
    acids = pool.loc[pool["family"].isin(ACIDS), "smiles"].tolist()
    assert len(acids) == 18
    assert pool["smiles"].tolist()[-18:] == acids == chosen["smiles"].tolist()[-18:]
    # Families with small members are all among the first molecules.
    families = rest["family"].nunique()
    assert rest.head(3 * families)["family"].nunique() > 0.8 * families


def test_missing_package_of_drug_like_compounds_is_named(monkeypatch):
    monkeypatch.setattr(pool_module, "find_spec", lambda name: None)
    with pytest.raises(OrganodeError, match="--no-deps molsets"):
        pool_module.drug_like_smiles()
