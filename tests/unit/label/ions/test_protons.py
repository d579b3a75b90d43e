from organode.chem import parse_smiles
from organode.label import xtb


def test_most_acidic_proton_is_lost():
    def ions_of(smiles):
        return xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions

    phenol, anisole, toluene = map(ions_of, ("Oc1ccccc1", "COc1ccccc1", "Cc1ccccc1"))
    assert [ion.deprotonated for ion in phenol] == [0, 0]
    # Phenol's radical cation is an acid of pKa −2 in water: Dixon, Murphy, J. Chem. Soc., Faraday
    # Trans. 2 72 (1976) 1221 (not re-read); the neutral's is 10.
    assert phenol[1].deprotonation - phenol[0].deprotonation > 0.5
    # Radical cations of anisoles are stable, those of methylarenes lose H⁺ at once.
    assert toluene[0].deprotonation < anisole[0].deprotonation
    assert anisole[1].deprotonation is None  # not an acid
    acid = ions_of("CC(=O)Cc1ccccc1")[1]
    assert acid.deprotonated == 3  # between carbonyl and phenyl, not the methyl group
    assert ions_of("c1ccncc1")[0].deprotonation is None
