import pytest

from organode.fetch.mpcules import SOLVENT, _in_solvent, _smiles


@pytest.mark.parametrize(
    ("inchi", "smiles"),
    [
        ("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3", "CCO"),
        ("InChI=nonsense", None),
        (None, None),
    ],
)
def test_structures_are_read_from_inchi(inchi, smiles):
    assert _smiles(inchi) == smiles


def test_only_redox_data_in_water_are_taken():
    record = {"redox": {SOLVENT: {"ionization_energy": 8.0}, "SOLVENT=THF": {"other": 1}}}
    assert _in_solvent(record) == {"ionization_energy": 8.0}
    assert _in_solvent({"redox": {"SOLVENT=THF": {}}}) == {}
    assert _in_solvent({"redox": None}) == {}
