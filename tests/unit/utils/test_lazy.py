import threading

from rdkit import Chem

from organode.chem import features
from organode.chem.features import Molecules
from organode.utils.lazy import lazy


def test_lazy_property_is_computed_once_for_each_object():
    class Counted:
        def __init__(self):
            self.calls = 0

        @lazy
        def value(self) -> int:
            """Return how often it was computed."""
            self.calls += 1
            return self.calls

    first, second = Counted(), Counted()
    assert (first.value, first.value, second.value) == (1, 1, 1)
    assert (first.calls, second.calls) == (1, 1)
    assert Counted.value.__doc__ == "Return how often it was computed."


def test_threads_do_not_wait_for_each_other(monkeypatch):
    """As two requests to one server: `functools.cached_property` has one lock for all objects."""
    slow, quick = (Molecules([Chem.MolFromSmiles(smiles)]) for smiles in ("CCCCCC", "CCO"))
    begun, go_on = threading.Event(), threading.Event()
    real = features.orbitals_of_graphs

    def orbitals(graphs):
        if graphs is slow.graphs:
            begun.set()
            assert go_on.wait(300)
        return real(graphs)

    monkeypatch.setattr(features, "orbitals_of_graphs", orbitals)
    other = threading.Thread(target=lambda: slow.environments(2))
    other.start()
    assert begun.wait(300)
    third = threading.Thread(target=lambda: quick.environments(2), daemon=True)
    third.start()
    third.join(30)
    answered = not third.is_alive()
    go_on.set()
    other.join()
    third.join()
    assert answered
