import pytest

from organode.chem import parse_smiles
from organode.errors import UsageError
from organode.label import xtb
from organode.label.method import COLUMNS, COLUMNS_B3LYP, IONS, Method
from organode.label.record import Ion, Label


@pytest.mark.parametrize("adiabatic", [False, True])
def test_ions_are_recorded_only_if_they_are_relaxed(monkeypatch, adiabatic):
    ions = (Ion(1, 1, "ok"), Ion(-1, 1, "ok")) if adiabatic else ()
    label = Label(*(9.0, 1.0) * 4, False, -9.0, -5.0, ions)
    monkeypatch.setattr(xtb, "label", lambda *_, **__: label)
    values = Method(adiabatic=adiabatic).label(parse_smiles("C"))
    assert (IONS in values) == adiabatic
    assert set(values) - {IONS} == set(COLUMNS) - {"row", "smiles", "status", "note"}
    assert (values["IE"], values["EA"]) == (9.0, 1.0)


def test_columns_depend_on_the_level():
    assert Method().columns == COLUMNS
    assert Method("b3lyp").columns == COLUMNS_B3LYP
    assert COLUMNS_B3LYP[-1] == "EA_vertical"


def test_unknown_level_is_rejected():
    with pytest.raises(UsageError, match="no level 'mp2': choose xtb or b3lyp"):
        Method("mp2").check()
