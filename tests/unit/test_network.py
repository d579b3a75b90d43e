import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.network import NetworkSettings, fit, forward

SETTINGS = NetworkSettings(1, 64, True, (32, 16), 0.0, 0.0, learning_rate=3e-3, batch_size=32)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    x = random_sparse(400, 64, 0.1, "csr", np.float32, rng)
    y = 7 + np.asarray(x @ rng.normal(size=64)).ravel()
    return x, y


def run(data, settings=SETTINGS, epochs=40, seed=3):
    x, y = data
    return fit(settings, (x[:300], y[:300]), (x[300:], y[300:]), epochs=epochs, seed=seed)


def test_it_learns_what_can_be_learned(data):
    fitted = run(data)
    guess = np.abs(data[1][300:] - data[1][:300].mean()).mean()
    assert fitted.valid_mae[-1] < 0.4 * guess
    assert fitted.valid_mae[-1] < fitted.valid_mae[0]


def test_the_same_seed_gives_the_same_network_and_another_seed_another(data):
    one, same, other = run(data, epochs=3), run(data, epochs=3), run(data, epochs=3, seed=4)
    for a, b in zip(one.weights, same.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.valid_mae == same.valid_mae != other.valid_mae


def test_the_last_epoch_is_what_the_weights_answer(data):
    fitted = run(data, epochs=5)
    x, y = data
    output = forward(fitted.weights, x[300:]) * fitted.scale + fitted.mean
    assert np.abs(output - y[300:]).mean() == pytest.approx(fitted.valid_mae[-1])


def test_l2_and_dropout_do_something(data):
    def size(settings):
        return sum(np.square(kernel).sum() for kernel in run(data, settings, 10).weights[::2])

    plain = size(SETTINGS)
    assert size(NetworkSettings(1, 64, True, (32, 16), 0.0, 0.01, 3e-3, 32)) < 0.8 * plain
    assert size(NetworkSettings(1, 64, True, (32, 16), 0.4, 0.0, 3e-3, 32)) != plain


def test_columns_that_never_occur_keep_their_weights(data):
    x, y = data
    x = x.tolil()
    x[:, 10:20] = 0
    x = x.tocsr()
    short, long = (
        fit(SETTINGS, (x, y), (x, y), epochs=epochs, seed=1).weights[0] for epochs in (1, 4)
    )
    np.testing.assert_array_equal(short[10:20], long[10:20])
    assert not np.array_equal(short[:10], long[:10])


def test_settings_survive_a_file():
    assert NetworkSettings.from_dict(SETTINGS.as_dict()) == SETTINGS
    with pytest.raises(TypeError):
        NetworkSettings.from_dict(SETTINGS.as_dict() | {"depth": 3})
