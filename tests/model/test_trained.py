"""Invariance, direction and minimum competence of models trained on a few hundred molecules."""

import json

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.models.ensemble import Ensemble
from organode.models.predictor import TargetModel, columns_of, digest, energy_types, predict


@pytest.fixture(scope="module")
def models(trained):
    return {
        target: TargetModel.load(
            trained / "results/train" / target, trained / "results/calibrate" / target
        )
        for target in ("IE", "EA")
    }


def one(models, target, smiles):
    return float(predict([models[target]], [smiles])[target][0])


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_better_than_guessing_on_rows_never_seen(trained, target):
    metrics = json.loads((trained / f"results/evaluate/{target}/metrics.json").read_text())
    table = pd.read_parquet(trained / f"results/evaluate/{target}/predictions.parquet")
    for part in ("outer", "out_of_fold"):
        label = table.loc[table[part].notna(), "label"]
        guess = (label - label.mean()).abs().mean()
        assert metrics[part]["mae"] < 0.75 * guess


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_nothing_is_learned_of_shuffled_labels(trained, target):
    metrics = json.loads((trained / f"results/evaluate/{target}/metrics.json").read_text())
    # On some fifty rows chance alone gives a little, and another processor another little.
    assert metrics["scrambled"]["r2"] < 0.3
    assert metrics["outer"]["r2"] > 0.6


@pytest.mark.parametrize("target", ["IE", "EA"])
@pytest.mark.parametrize(
    "smiles",
    ["CN1c2ccccc2Sc2ccc(C(F)(F)F)cc21", "Nc1ccc(S(=O)(=O)O)c2cc(S(=O)(=O)O)ccc12"],
)
def test_the_way_a_structure_is_written_does_not_matter(models, target, smiles):
    molecule = Chem.MolFromSmiles(smiles)
    written = set(Chem.MolToRandomSmilesVect(molecule, 20, randomSeed=1))
    values = predict([models[target]], sorted(written))[target]
    assert len(written) > 5
    assert np.ptp(values) < 1e-5


def test_order_and_company_do_not_matter(models):
    smiles = ["c1ccccc1", "CCO", "junk", "O=C1C=CC(=O)C=C1"]
    ensembles = list(models.values())
    together = predict(ensembles, smiles)
    backwards = predict(ensembles, smiles[::-1])[::-1].reset_index(drop=True)
    alone = pd.concat([predict(ensembles, [cell]) for cell in smiles], ignore_index=True)
    for other in (backwards, alone):  # sums in single precision hang on a batch's size
        pd.testing.assert_frame_equal(together, other, rtol=1e-5, atol=1e-6)


def test_chunks_do_not_matter(models, monkeypatch):
    smiles = ["c1ccccc1", None, "CCO", "CC", "junk"]
    whole = predict(list(models.values()), smiles)
    monkeypatch.setattr("organode.models.predictor.CHUNK", 2)
    pieces = predict(list(models.values()), smiles)
    pd.testing.assert_frame_equal(whole, pieces, rtol=1e-5)


def test_nothing_in_gives_nothing_out(models):
    empty = predict(list(models.values()), [])
    both = [
        *energy_types("IE"),
        "stable_ox",
        "stable_ox_reason",
        *energy_types("EA"),
        "stable_red",
        "stable_red_reason",
    ]
    assert list(empty.columns) == ["smiles", "status", "note", *both]
    assert empty.dtypes.equals(predict(list(models.values()), ["CCO", "junk"]).dtypes)
    assert empty.empty


def test_direction_of_what_every_chemist_knows(models):
    assert one(models, "EA", "O=[N+]([O-])c1ccccc1") > one(models, "EA", "Nc1ccccc1")
    assert one(models, "EA", "O=C1C=CC(=O)C=C1") > one(models, "EA", "Oc1ccc(O)cc1")
    assert one(models, "IE", "CN(C)c1ccc(N(C)C)cc1") < one(models, "IE", "N#Cc1ccc(C#N)cc1")
    assert one(models, "IE", "COc1ccc(OC)cc1") < one(models, "IE", "O=C1OCCO1")


def test_potentials_have_the_order_of_voltammograms(models):
    benzoquinone, naphthoquinone, anthraquinone = predict(
        [models["EA"]],
        ["O=C1C=CC(=O)C=C1", "O=C1C=CC(=O)c2ccccc21", "O=C1c2ccccc2C(=O)c2ccccc21"],
    )["E_red"]
    assert benzoquinone > naphthoquinone > anthraquinone
    assert 1.4 < anthraquinone < 2.4 < benzoquinone + 0.4  # V vs Li/Li+
    amine, arene = predict([models["IE"]], ["CN(C)c1ccc(N(C)C)cc1", "c1ccccc1"])["E_ox"]
    assert amine < arene - 0.5


def test_references_and_solvents_move_potentials_alone(models):
    smiles = ["O=C1C=CC(=O)C=C1", "junk"]
    usual, ferrocene, dmf = (
        predict([models["EA"]], smiles, reference=reference, solvent=solvent)
        for reference, solvent in (("Li/Li+", "ACN"), ("Fc/Fc+", "ACN"), ("Fc/Fc+", "DMF"))
    )
    pd.testing.assert_frame_equal(usual[columns_of("EA")], dmf[columns_of("EA")])
    for name in ("E_red", "E_red_lower", "E_red_upper"):
        assert usual[name][0] - ferrocene[name][0] == pytest.approx(3.28)
        assert np.isnan(usual[name][1])
    assert dmf["E_red"][0] != ferrocene["E_red"][0]
    assert ferrocene["E_red_lower"][0] < ferrocene["E_red"][0] < ferrocene["E_red_upper"][0]


@pytest.mark.parametrize(
    ("target", "potential", "measured"),
    [("IE", "E_ox", "COc1ccc(OC)cc1"), ("EA", "E_red", "O=C1C=CC(=O)C=C1")],
)
def test_potentials_of_strangers_have_wider_intervals_and_say_why(
    models, target, potential, measured
):
    smiles = [measured, "CC(C)c1ccc(C)cc1", "F[Si](F)(F)C#CC#CP(F)(F)=O"]
    found = predict([models[target]], smiles, level=0.9)
    width = found[f"{potential}_upper"] - found[f"{potential}_lower"]
    assert width[2] > width[:2].max()
    assert "unlike every molecule measured" in found[f"{potential}_remark"][2]


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_measured_potentials_of_left_out_families_lie_inside_their_intervals(trained, target):
    folder = trained / f"results/evaluate/{target}"
    measured = json.loads((folder / "metrics.json").read_text())["measured"]
    table = pd.read_csv(folder / "measured.csv")
    assert len(table) == measured["n"] > 100
    covered = table["measured"].between(table["lower"], table["upper"]).mean()
    assert covered == pytest.approx(measured["covered"], abs=1e-3)
    assert 0.9 <= covered <= 0.99
    guess = (table["measured"] - table["measured"].mean()).abs().mean()
    assert measured["mae"] < 0.75 * guess


def test_saved_and_loaded_it_is_the_same(models, tmp_path):
    for target, model in models.items():
        folders = [[tmp_path / f"{target} {part} {n}" for part in ("a", "b")] for n in (1, 2)]
        for networks, error_bars in folders:
            model.networks.save(networks)
            error_bars.mkdir()
            model.uncertainty.save(error_bars)
            model.scale.save(error_bars)
        assert digest(*folders[0]) == digest(*folders[1])
        loaded = TargetModel.load(*folders[0])
        smiles = ["CCO", "O=C1C=CC(=O)C=C1"]
        pd.testing.assert_frame_equal(predict([loaded], smiles), predict([model], smiles))


def test_out_of_fold_is_by_the_member_that_had_not_seen_the_row(trained, models):
    table = pd.read_parquet(trained / "results/evaluate/IE/predictions.parquet")
    ensemble = models["IE"].networks
    for member in ensemble.members:
        row = table[table["fold"] == member.fold].iloc[0]
        alone = Ensemble("IE", ensemble.inputs, [member])
        matrix = alone.inputs.matrix(Molecules([Chem.MolFromSmiles(row["smiles"])]))
        assert alone.predict(matrix)[0, 0] == pytest.approx(row["out_of_fold"], 1e-5)


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_intervals_hold_on_rows_never_seen_and_grow_with_the_level(trained, models, target):
    table = pd.read_parquet(trained / f"results/evaluate/{target}/predictions.parquet")
    outer = table[table["fold"] < 0]
    covered = outer["label"].between(outer["lower"], outer["upper"]).mean()
    # Fifty rows: three standard deviations of the sampling.
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(outer))
    smiles = outer["smiles"].head(20).tolist()
    widths = [
        (found[f"{target}_upper"] - found[f"{target}_lower"]).to_numpy()
        for found in (predict([models[target]], smiles, level=level) for level in (0.5, 0.8, 0.95))
    ]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()


def test_what_is_unlike_all_training_molecules_is_outside_the_domain_and_says_why(models):
    usual, giant, exotic = (
        predict(list(models.values()), [smiles]).iloc[0]
        for smiles in ("CCCO", "C" * 60, "F[Si](F)(F)C#CC#CP(F)(F)=O")
    )
    assert usual["IE_in_domain"]
    assert usual["IE_remark"] == ""
    assert not giant["EA_in_domain"]
    assert "60 heavy atoms" in giant["EA_remark"]
    assert not exotic["IE_in_domain"]
    assert exotic["IE_remark"]
