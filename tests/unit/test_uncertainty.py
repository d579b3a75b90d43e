import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from organode.chem.composition import Composition
from organode.chem.similarity import N_BITS, RADIUS, nearest, packed_bits, tanimoto
from organode.models.uncertainty.domain import Domain
from organode.utils.predictive import Predictive

SMILES = ["C", "CCO", "CCN", "CCCO", "O=C1C=CC(=O)C=C1", "c1ccccc1", "Cc1ccccc1", "Oc1ccccc1"]
MOLECULES = [Chem.MolFromSmiles(one) for one in SMILES]


def test_similarity_is_rdkits():
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    prints = [generator.GetFingerprint(one) for one in MOLECULES]
    bits = packed_bits(MOLECULES)
    found = nearest(bits, bits, len(MOLECULES))
    for query, (position, similarity) in enumerate(
        zip(found.position, found.similarity, strict=True)
    ):
        expected = DataStructs.BulkTanimotoSimilarity(prints[query], prints)
        np.testing.assert_allclose(similarity, np.array(expected)[position], atol=1e-6)
        assert (np.diff(similarity) <= 0).all()
        assert similarity[0] == 1
        np.testing.assert_array_equal(tanimoto(bits, bits)[query, position], similarity)


def test_of_equally_similar_ones_the_first_count_and_none_better_is_missed():
    random = np.random.default_rng(3)
    few = random.integers(0, 2**63, (40, 32), dtype=np.uint64)
    known = few[random.integers(0, 40, 1_000)] & few[random.integers(0, 40, 1_000)]
    found = nearest(few, known, 7)
    both = np.bitwise_count(few[:, None] & known).sum(axis=2)
    either = np.bitwise_count(few[:, None] | known).sum(axis=2)
    expected = np.argsort(-(both / either).astype(np.float32), axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(found.position, expected)


def test_the_own_fold_does_not_count():
    bits = packed_bits(MOLECULES)
    fold = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    found = nearest(bits, bits, 4, query_fold=fold, known_fold=fold)
    assert (fold[found.position] != fold[:, None]).all()
    with pytest.raises(ValueError, match="4 known molecules, but 5 neighbours"):
        nearest(bits, bits, 5, query_fold=fold, known_fold=fold)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_intervals_hold_what_they_promise_and_harder_molecules_get_wider_ones(level):
    random = np.random.default_rng(4)
    expected = random.uniform(0.1, 1.0, 40_000)
    error = random.normal(size=40_000) * expected
    scores = [np.sort((error / expected)[start:20_000:4]) for start in range(4)]
    predictive = Predictive(scores)
    outputs = np.zeros((4, 20_000))  # four members that agree
    low, high = predictive.interval(outputs, expected[20_000:], level)
    new = error[20_000:]
    assert ((low <= new) & (new <= high)).mean() == pytest.approx(level, abs=0.015)
    hard = expected[20_000:] > 0.55
    assert ((low <= new) & (new <= high))[hard].mean() == pytest.approx(level, abs=0.02)
    np.testing.assert_allclose((high - low) / expected[20_000:], (high - low)[0] / expected[20_000])


def test_disagreement_widens_the_interval_and_shifts_do_not():
    predictive = Predictive([np.linspace(-3, 3, 301)] * 4)
    expected = np.full(1, 0.2)
    agree, spread = np.zeros((4, 1)), np.array([[-0.5], [-0.5], [0.5], [0.5]])

    def width(outputs):
        low, high = predictive.interval(outputs, expected, 0.9)
        return float((high - low)[0])

    assert width(spread) > width(agree) + 0.5
    assert width(agree + 7) == pytest.approx(width(agree))


def test_a_level_that_the_scores_cannot_vouch_for_is_endless():
    predictive = Predictive([np.array([-1.0, 0.0, 1.0])])
    low, high = predictive.interval(np.zeros((1, 2)), np.ones(2), 0.99)
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()


def test_the_probability_of_a_window_agrees_with_the_interval():
    predictive = Predictive([np.sort(np.random.default_rng(1).normal(size=5_000))] * 2)
    outputs, expected = np.array([[6.0, 3.0]] * 2), np.array([0.3, 0.3])
    low, high = predictive.interval(outputs, expected, 0.9)
    inside = predictive.within(outputs, expected, float(low[0]), float(high[0]))
    assert inside[0] == pytest.approx(0.9, abs=0.002)
    assert inside[1] == 0
    assert predictive.within(outputs, expected, -100.0, 100.0) == pytest.approx([1, 1])


def test_domain_tells_elements_from_charges_and_radicals():
    smiles = ["C[n+]1ccccc1", "CC1(C)CCCC(C)(C)N1[O]", "Clc1ccccc1"]
    composition = Composition.of([Chem.MolFromSmiles(one) for one in smiles])
    domain = Domain.fit(composition, np.ones(3), np.ones(3))
    assert domain.elements == ("C", "Cl", "N", "O")
    assert domain.beside_neutral == ("charge+1", "radical")
