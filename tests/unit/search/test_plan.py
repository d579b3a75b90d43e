"""What a study tries."""

import numpy as np

from organode.models.training_data import Labelled
from organode.search.plan import thesis_plan


def test_halves_of_thesis_exclude_test_set():
    fold = np.array([-1, 0, 1, 2, 3, 4, 5, 6, 7])
    nothing = np.zeros(len(fold))
    data = Labelled(nothing, fold, nothing, nothing, [], nothing, None, nothing > 0)
    assert thesis_plan("IE", data).data.fold.tolist() == [-1, 0, 1, 0, 1, 0, 1, 0, 1]
