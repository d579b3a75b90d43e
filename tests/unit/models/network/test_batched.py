"""Networks trained as one computation: the same as each alone, and without the CPU."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from scipy.sparse import random as random_sparse
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

from organode.models.network import batched as module
from organode.models.network import training
from organode.models.network.backend import tf
from organode.models.network.batched import fit_batched
from organode.models.network.network import NetworkSettings
from organode.models.network.training import fit

PLAIN = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32, 16), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip
THESIS = replace(PLAIN, loss="mse", batch_size=30_000, protocol="thesis")
# Training rows of each fold; in batches of 32 they need 10, 10 and 8 steps.
EQUAL, DIFFERENT = (300, 300, 300), (300, 289, 255)


@pytest.fixture(autouse=True)
def _alone_on_the_cpu(monkeypatch):
    monkeypatch.setattr(training, "gpus", list)


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(1)
    sparse = random_sparse(400, 64, 0.1, "csr", np.float32, random)
    descriptors = csr_matrix(random.normal(size=(400, 3)).astype(np.float32))
    labels = 7 + np.asarray(sparse @ random.normal(size=(64, 2)))
    labels[::3, 1] = np.nan
    return hstack([sparse, descriptors], "csr"), labels


def of_folds(data, sizes, *, columns=67, labels=2):
    """Return the parts of folds with so many training rows, columns and columns of labels."""
    x, y = data[0][:, :columns], data[1][:, :labels]
    return [
        ((x[place : place + n], y[place : place + n]), (x[300 + place :], y[300 + place :]))
        for place, n in enumerate(sizes)
    ]


def assert_same(settings, parts, *, epochs=3, start=None, outputs=1):
    folds = [4, 0, 2][: len(parts)]
    together = fit_batched(
        settings, parts, folds, epochs=epochs, seed=3, start=start, outputs=outputs
    )
    for place, (fold, found) in enumerate(zip(folds, together, strict=True)):
        expected = fit(
            settings, *parts[place], epochs=epochs, seed=3, fold=fold, outputs=outputs,
            start=start[place] if start else None,
        )  # fmt: skip
        assert found.kept == expected.kept
        assert (found.mean, found.scale) == (expected.mean, expected.scale)
        np.testing.assert_allclose(found.train_mae, expected.train_mae, rtol=1e-5)
        np.testing.assert_allclose(found.valid_mae, expected.valid_mae, rtol=1e-5)
        for ours, theirs in zip(found.weights, expected.weights, strict=True):
            assert ours.shape == theirs.shape
            # A step of Adam is about the learning rate, 3e-3, however small the gradient.
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("sizes", "labels", "columns", "changed"),
    [
        (EQUAL, 1, 64, {}),
        (DIFFERENT, 1, 64, {}),
        (DIFFERENT, 2, 64, {}),
        (DIFFERENT, 2, 67, {}),
        (DIFFERENT, 1, 64, {"l2": 0.01}),
        (DIFFERENT, 1, 64, {"dropout": 0.3}),
        (DIFFERENT, 2, 67, {"dropout": 0.3, "l2": 0.01, "loss": "mse", "widths": (16, 24, 8)}),
    ],
    ids=["equal", "different sizes", "joint", "orbitals", "l2", "dropout", "all of them"],
)
def test_each_network_is_the_one_trained_alone(data, sizes, labels, columns, changed):
    parts = of_folds(data, sizes, columns=columns, labels=labels)
    assert_same(replace(PLAIN, **changed), parts)


@pytest.mark.parametrize("changed", [{}, {"dropout": 0.1, "l2": 3e-3}])
def test_thesis_protocol_too(data, changed):
    assert_same(replace(THESIS, **changed), of_folds(data, DIFFERENT, labels=1), epochs=8)


def test_all_outputs_are_kept_if_asked(data):
    assert_same(PLAIN, of_folds(data, DIFFERENT), epochs=1, outputs=2)


def test_networks_go_on_from_weights(data):
    parts = of_folds(data, DIFFERENT, labels=1)
    random = np.random.default_rng(5)
    shapes = [(67, 32), (32,), (32, 16), (16,), (16, 1), (1,)]
    start = [[random.normal(0, 0.1, size=shape) for shape in shapes] for _ in parts]
    assert_same(PLAIN, parts, start=start)
    without = data[0].multiply(np.arange(67) != 9).tocsr()
    without.eliminate_zeros()
    parts = of_folds((without, data[1]), EQUAL, labels=1)
    fitted = fit_batched(PLAIN, parts, [0, 1, 2], epochs=1, seed=3, start=start)
    for found, weights in zip(fitted, start, strict=True):
        np.testing.assert_array_equal(found.weights[0][9], weights[0][9].astype(np.float32))


def test_networks_do_not_depend_on_those_beside_them(data):
    settings = replace(PLAIN, dropout=0.3, l2=0.01)
    parts = of_folds(data, DIFFERENT)
    one, three = (
        fit_batched(settings, parts[:n], [0, 1, 2][:n], epochs=2, seed=3)[0] for n in (1, 3)
    )
    np.testing.assert_allclose(one.valid_mae, three.valid_mae, rtol=1e-5)


def test_errors_of_more_rows_than_fit_at_once(data, monkeypatch):
    parts = of_folds(data, DIFFERENT)
    whole = fit_batched(PLAIN, parts, [0, 1, 2], epochs=1, seed=3)
    monkeypatch.setattr(module, "AT_ONCE", 30)
    for found, expected in zip(
        fit_batched(PLAIN, parts, [0, 1, 2], epochs=1, seed=3), whole, strict=True
    ):
        np.testing.assert_allclose(found.valid_mae, expected.valid_mae, rtol=1e-6)


def test_epochs_are_reported(data):
    reported = []
    fitted = fit_batched(
        PLAIN, of_folds(data, DIFFERENT), [0, 1, 2], epochs=2, seed=3,
        on_epoch=lambda *each: reported.append(each),
    )  # fmt: skip
    assert reported == [
        (fold, epoch, fitted[fold].valid_mae[epoch - 1]) for epoch in (1, 2) for fold in range(3)
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (tf.errors.ResourceExhaustedError(None, None, "OOM"), MemoryError),
        (tf.errors.InternalError(None, None, "Dst tensor is not initialized."), MemoryError),
        (tf.errors.InternalError(None, None, "a bug"), tf.errors.InternalError),
    ],
)
def test_too_little_memory_is_told_from_other_errors(data, error, expected, monkeypatch):
    def fail(_matrices):
        raise error

    monkeypatch.setattr(module, "PaddedRows", fail)
    with pytest.raises(expected):
        fit_batched(PLAIN, of_folds(data, EQUAL), [0, 1, 2], epochs=1, seed=3)


def nodes(traced):
    graph = traced.graph.as_graph_def()
    return [*graph.node, *(node for each in graph.library.function for node in each.node_def)]


def has_gpu_kernel(node):
    """Whether a kernel for GPUs is registered for an operation and the types of its tensors.

    The installed TensorFlow registers its kernels without a GPU too, if it was built with CUDA;
    those for the device ``DEFAULT`` serve a GPU as well.
    """
    return any(
        kernel.device_type in ("GPU", "DEFAULT")
        and all(node.attr[of.name].type in of.allowed_values.list.type for of in kernel.constraint)
        for kernel in get_registered_kernels_for_op(node.op).kernel
    )


@pytest.mark.skipif(
    not tf.test.is_built_with_cuda(), reason="this TensorFlow was built without kernels for GPUs"
)
def test_every_operation_has_a_kernel_for_gpus(data):
    settings = replace(PLAIN, dropout=0.3, l2=0.01)
    networks = module._Networks(settings, of_folds(data, DIFFERENT), [0, 1, 2], 3, None)
    epoch = networks._epoch.get_concrete_function(
        tf.TensorSpec((10, 3, 32), tf.int64), tf.TensorSpec((10, 3)), tf.TensorSpec(3, tf.int64)
    )
    outputs = networks._outputs.get_concrete_function(tf.TensorSpec(1024, tf.int64))
    for traced in (epoch, outputs):
        operations = nodes(traced)
        assert {"BatchMatMulV2", "ScatterNd"} <= {node.op for node in operations}
        assert [node.op for node in operations if not has_gpu_kernel(node)] == []
        # The shape of what these return depends on the data: the GPU would wait for the CPU.
        assert not {"Unique", "UniqueV2", "Where"} & {node.op for node in operations}


@pytest.mark.skipif(
    not tf.test.is_built_with_cuda(), reason="this TensorFlow was built without kernels for GPUs"
)
def test_operation_without_a_kernel_for_gpus_is_found(data):
    network = training._Network(PLAIN, of_folds(data, EQUAL)[0][0], 3, 0, None)
    traced = network._epoch.get_concrete_function(
        tf.TensorSpec(300, tf.int64), tf.TensorSpec(10), tf.TensorSpec((), tf.int64)
    )
    assert {node.op for node in nodes(traced) if not has_gpu_kernel(node)} == {"RaggedGather"}
