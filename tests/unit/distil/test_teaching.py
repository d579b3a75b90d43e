"""Teaching a student what an ensemble predicts."""

from dataclasses import replace

import numpy as np
from scipy.sparse import random as random_sparse

from organode.distil.teaching import teach
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0, loss="mse",
    learning_rate=1e-2, batch_size=64,
)  # fmt: skip
NONE = np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0)


def test_student_comes_to_answer_as_every_member_does():
    rng = np.random.default_rng(1)
    matrix = random_sparse(3_000, 64, 0.1, "csr", np.float32, rng)
    shapes = (64, 8), (8,), (8, 1), (1,)
    members = [
        Member(fold, 7.0 + fold, 0.5, [rng.normal(0, 0.5, of).astype(np.float32) for of in shapes])
        for fold in range(3)
    ]
    teacher = Ensemble("IE", InputColumns(SETTINGS, *NONE), members)
    answers = teacher.predict(matrix).T
    heard = []
    student = teach(
        teacher, replace(SETTINGS, widths=(32,)), matrix[500:], answers[500:],
        epochs=20, seed=1, on_epoch=lambda epoch, mae: heard.append((epoch, mae)),
    )  # fmt: skip
    assert student.settings.widths == (32,)
    assert student.folds == (0, 1, 2)
    difference = np.abs(student.predict(matrix[:500]) - answers[:500].T).mean(axis=1)
    guess = np.abs(answers[:500] - answers[500:].mean(axis=0)).mean(axis=0)
    assert (difference < 0.5 * guess).all()
    assert [epoch for epoch, _ in heard] == list(range(1, 21))
    assert heard[-1][1] < heard[0][1]
