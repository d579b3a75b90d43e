"""Expectations of the embedded data set."""

import re

import pandas as pd
import pytest
from rdkit import Chem

from embedded_set.dataset import DEFAULT
from embedded_set.families import FAMILIES
from helpers import ROOT
from organode.chem import check_organic, flat_smiles, parse_smiles
from organode.chem.molecule import kind
from organode.label.ions.relaxed import MAX_FURTHER
from organode.label.ions.table import read_ions

FOLDER = ROOT / "data/embedded"
XTB = ["IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2", "IE_calibrated", "EA_calibrated"]
DFT = ["IE_b3lyp", "EA_b3lyp"]


@pytest.fixture(scope="module")
def library() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "library.csv")


@pytest.fixture(scope="module")
def kinds(embedded) -> pd.DataFrame:
    """Charge and number of unpaired electrons of each species."""
    return pd.DataFrame([kind(Chem.MolFromSmiles(smiles)) for smiles in embedded["smiles"]])


@pytest.fixture(scope="module")
def ions() -> pd.DataFrame:
    return read_ions(FOLDER / "ions.parquet")


def test_columns_and_their_order(embedded):
    relaxed = [
        f"{target}_relaxation_{method}"
        for method in ("ipea1", "gfn2", "calibrated", "b3lyp")
        for target in ("IE", "EA")
    ]
    kinds = ["IE_vertical", "EA_vertical", "IE_adiabatic", "EA_adiabatic"]
    known = ["smiles", "IE", "EA", "level", *kinds, *XTB, *DFT, *relaxed]
    assert list(embedded.columns) == [*known, "unbound", "source", "family"]


def test_thousands_of_molecules_have_complete_labels(embedded, library):
    assert len(embedded) >= 13_500
    assert (embedded["level"] == "b3lyp").sum() >= 1_000
    assert len(library) >= 2_000
    assert embedded[["IE", "EA", *XTB, "smiles", "unbound"]].notna().all().all()
    for target in ("IE", "EA"):
        assert embedded[target].equals(embedded[f"{target}_{DEFAULT}"].rename(target))


def test_species_are_flat_and_unique_and_those_of_the_library_organic_molecules(embedded, library):
    for smiles in library["smiles"]:
        check_organic(parse_smiles(smiles))
    for table in (embedded, library):
        for smiles in table["smiles"]:
            assert flat_smiles(parse_smiles(smiles)) == smiles
        assert table["smiles"].is_unique


def test_radicals_and_cations_are_included(kinds):
    assert (kinds["charge"] > 0).sum() >= 800
    assert ((kinds["charge"] == 0) & (kinds["unpaired"] == 1)).sum() >= 500
    assert (kinds["charge"] >= 0).all()


def test_library_is_disjoint_from_the_embedded_set(embedded, library):
    assert not set(library["smiles"]) & set(embedded["smiles"])


def test_energies_are_physical(embedded):
    assert embedded["IE"].between(2.5, 14).all()  # CF4 is the highest of molecules
    assert embedded["EA"].between(-2, 8).all()
    assert (embedded["IE"] > embedded["EA"]).all()
    assert (embedded["IE_ipea1"] > embedded["EA_ipea1"]).all()


def gas(embedded: pd.DataFrame, target: str) -> pd.Series:
    """The gas-phase part of a label."""
    exact = embedded["level"] == "b3lyp"
    return embedded[f"{target}_b3lyp"].where(exact, embedded[f"{target}_calibrated"])


def test_polar_solvent_stabilises_the_higher_charge(embedded, kinds):
    assert (embedded["IE_vertical"] < gas(embedded, "IE")).mean() > 0.999
    is_neutral = kinds["charge"] == 0
    stabilised = embedded["EA_vertical"] > gas(embedded, "EA")
    assert stabilised[is_neutral].mean() > 0.999
    assert stabilised[~is_neutral].mean() < 0.01


def test_relaxation_stabilises_ions(embedded):
    is_relaxed = embedded["IE_adiabatic"].notna()
    assert is_relaxed.sum() >= 5_500
    assert (embedded["IE_adiabatic"] < embedded["IE_vertical"] + 0.1)[is_relaxed].mean() > 0.98
    is_relaxed = embedded["EA_adiabatic"].notna()
    assert (embedded["EA_adiabatic"] > embedded["EA_vertical"] - 0.1)[is_relaxed].mean() > 0.98


def test_ions_are_two_for_each_relaxed_species(embedded, ions, kinds):
    assert ions["smiles"].isin(embedded["smiles"]).all()
    assert (ions.groupby("smiles").size() == 2).all()
    assert (ions["smiles"] == embedded["smiles"].loc[ions["row"]].to_numpy()).all()
    charge = kinds["charge"].loc[ions["row"]].to_numpy()
    sign = ions["ion"].map({"oxidised": 1, "reduced": -1})
    assert (ions["charge"] - charge == sign).all()
    assert (ions["status"] == "ok").mean() > 0.99
    assert ions["further"].dropna().abs().max() <= MAX_FURTHER


def test_level_agrees_with_the_values_by_b3lyp(embedded):
    assert set(embedded["level"]) == {"xtb", "b3lyp"}
    assert ((embedded["level"] == "b3lyp") == embedded[DFT].notna().all(axis=1)).all()


def test_calibrated_values_are_closer_to_b3lyp_than_raw_values(embedded):
    both = embedded[embedded["level"] == "b3lyp"]
    for target in ("IE", "EA"):
        raw = (both[f"{target}_ipea1"] - both[f"{target}_b3lyp"]).abs().mean()
        calibrated = (both[f"{target}_calibrated"] - both[f"{target}_b3lyp"]).abs().mean()
        assert calibrated < 0.9 * raw


def test_solvation_energy_is_similar_at_both_levels(embedded):
    """Only the gas-phase part of a label differs between the levels."""
    for target in ("IE", "EA"):
        size = (embedded[target] - gas(embedded, target)).abs()
        by_level = size.groupby(embedded["level"]).median()
        assert abs(by_level["xtb"] - by_level["b3lyp"]) < 0.4


def test_b3lyp_ionization_energies_agree_with_experiment():
    measured = pd.read_csv(FOLDER / "experiment.csv")
    error = (measured["IE_b3lyp"] - measured["IE_measured"]).dropna()
    assert len(error) >= 40
    assert error.abs().mean() <= 0.2


def test_unbound_anions_have_no_positive_affinity_in_the_gas_phase(embedded):
    assert (embedded["unbound"] == (embedded["EA_ipea1"] <= 0)).all()


def test_families_are_in_the_known_order(embedded):
    """Quinones accept electrons and arylamines donate them more easily than most molecules."""
    median = embedded.groupby("family")[["IE", "EA"]].median()
    assert median.loc["benzoquinone", "EA"] > embedded["EA"].quantile(0.85)
    assert median.loc["arylamine", "IE"] < embedded["IE"].quantile(0.25)
    assert median.loc["carbonate", "IE"] > embedded["IE"].quantile(0.75)


def test_all_families_are_included(embedded, library):
    assert set(FAMILIES) <= set(embedded["family"].dropna())
    assert set(FAMILIES) == set(library["family"])


def test_card_has_the_right_counts(embedded):
    card = (FOLDER / "README.md").read_text()
    failures = pd.read_csv(FOLDER / "failures.csv")
    assert f"{len(embedded):,}" in card
    assert re.search(rf"\b{len(failures)}\b", card)
    assert failures["reason"].notna().all()


def test_sizes_are_those_of_electrode_materials(embedded):
    heavy = embedded["smiles"].map(lambda smiles: Chem.MolFromSmiles(smiles).GetNumHeavyAtoms())
    assert heavy.between(2, 25).all()
    assert 10 <= heavy.median() <= 18
