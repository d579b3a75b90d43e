"""Models of stability, fitted once."""

import pytest

from helpers import ROOT, some_ions
from organode.electrochemistry.stability.chance import Stability
from organode.electrochemistry.stability.couples import read_couples
from organode.electrochemistry.stability.relaxed_ions import RelaxedIons
from organode.electrochemistry.stability.signals import Signals


@pytest.fixture(scope="session")
def couples():
    return read_couples(
        ROOT / "data/measured/potentials.csv", ROOT / "data/measured/reversibility.csv"
    )


@pytest.fixture(scope="session")
def ions():
    return RelaxedIons.of(some_ions())


@pytest.fixture(scope="session")
def signals(ions):
    return Signals.fit(ions)


@pytest.fixture(scope="session")
def stability(couples, signals):
    return Stability.fit(couples, signals)
