"""Names, order and meaning of the columns in the tables of a screening."""

from __future__ import annotations

from organode.electrochemistry.cells import ROLES, N, P

# For each role of a molecule (p: it gives off electrons; n: it takes them up): the energy that a
# model predicts, and the first and second redox potential, as a voltammogram would show them.
TARGET = {P: "IE", N: "EA"}
FIRST_WAVE = {P: "E_ox", N: "E_red"}
SECOND_WAVE = {P: "E_ox2", N: "E_red2"}
# For each role, the probabilities that the first and that the second potential lie inside the
# cell's stability window.
PROBABILITIES = {P: ("P_ox", "P_ox2"), N: ("P_red", "P_red2")}
# For each role, the column that says whether a molecule is a candidate.
CANDIDATE_FLAG = {P: "p_type", N: "n_type"}

# Energies and potentials, each with the ends of its error bar: IE, IE_lower, IE_upper, EA, …
BOUNDED = tuple(
    f"{name}{end}"
    for name in (*TARGET.values(), *FIRST_WAVE.values(), *SECOND_WAVE.values())
    for end in ("", "_lower", "_upper")
)
NUMBERS = (
    *BOUNDED,
    "E_ox_computed",
    "E_red_computed",
    *(f"P_{wave}" for wave in ("ox", "red", "ox2", "red2")),
    "similarity",
)
DOMAIN_FLAGS = ("IE_in_domain", "EA_in_domain")
PREDICTION_REMARKS = (
    "IE_remark",
    "EA_remark",
    "E_ox_remark",
    "E_red_remark",
    "E_ox2_remark",
    "E_red2_remark",
)
REMARKS = (*PREDICTION_REMARKS, "p_remark", "n_remark")
# For each margin rule (the setting `screen.margin`) and role, whether a molecule's potentials meet
# all limits by that rule: `by_interval_p`, ….
SELECTED_BY = tuple(f"by_{margin}_{role}" for margin in ("interval", "thesis") for role in ROLES)
# Columns of the finished chunks on disk that are left out of the output files. `key` is a hash of
# the structure, by which repeated structures are found.
INTERNAL = ("key", *SELECTED_BY)

# Number of electrons, 1 or 2, that a molecule is known to exchange while its ion stays stable.
STABLE_ELECTRONS = "stable_electrons"
# Columns that only rows estimated by the surrogate have, not those predicted by the models. For
# each role, `chance_…` is the probability of being a candidate, `tier_…` the stability tier as a
# number (0 is fine, 2 is fatal), `fatal_…` the probability that a candidate's tier is ``fatal``
# instead, `stable_…` the probability that the ion is stable, and `judged_…` whether rules and
# stability model were asked, so that nothing about tier and stability is in doubt.
OF_ROLE = ("chance", "tier", "fatal", "stable", STABLE_ELECTRONS, "judged")
SURROGATE_ONLY = ("molar_mass", *(f"{name}_{role}" for name in OF_ROLE for role in ROLES))

GIVEN = ("row", "id", "smiles")
# Columns that the table of candidates takes over from the table of all rows.
FROM_ROWS = (*GIVEN, "note", *NUMBERS, *DOMAIN_FLAGS, *PREDICTION_REMARKS)
STABILITY = ("tier", "tier_reason", "core", "P_stable")
ENERGIES = (
    "molar_mass_g_mol",
    "electrons",
    "g_per_mol_e",
    "capacity_mAh_g",
    "energy_Wh_kg",
    "expected_Wh_kg",
)
PROPERTIES = {
    "formula": "molecular formula",
    "molar_mass_g_mol": "molar mass; of a salt that was given as one, with its counter-ions",
    "electrons": "that a molecule exchanges: 2 if it has a core that is known to last with two, or "
    "two cores, and the second wave, with its error bar, is inside the window as well",
    "g_per_mol_e": "molar mass per electron",
    "capacity_mAh_g": "theoretical capacity, 26801.5 · n / M, of the molecule alone",
    "energy_Wh_kg": "capacity × mean voltage against the partner electrode, of the molecule alone",
    "expected_Wh_kg": "the same with each electron's energy times the probability that its "
    "potential is inside the window",
    "SA_score": "synthetic accessibility, 1 (easy) to 10: Ertl and Schuffenhauer, J. Cheminform. 1 "
    "(2009) 8, doi 10.1186/1758-2946-1-8",
    "logP": "Crippen's octanol-water partition: Wildman and Crippen, J. Chem. Inf. Comput. Sci. 39 "
    "(1999) 868, doi 10.1021/ci990307l",
    "alerts": "reactive or unstable groups: Brenk et al., ChemMedChem 3 (2008) 435, doi "
    "10.1002/cmdc.200700139, as RDKit has them; quinones are among them",
    "motif": "redox-active group that characterises the molecule best",
    "known": "the most similar molecule whose potential was measured, of those that the laboratory "
    "scale is fitted to",
    "known_similarity": "Tanimoto similarity to it (Morgan bits, radius 2)",
    "known_V": "its measured potential in V vs the cell's reference electrode, its own solvent's "
    "ferrocene taken for the cell's",
    "compound": "name of the substance in the package chemicals' table of real compounds; empty if "
    "it is not there, or the package is not installed",
    "compound_CAS": "its CAS number there",
    "novelty": "1 − similarity to the nearest training molecule",
}
# Columns of candidates.csv in order; the library's own columns are inserted after `smiles`.
CANDIDATES = (
    *("electrode", "role", "rank", "pick", "front", "score", *GIVEN, "structure", "note"),
    *("E_ox", "E_ox_lower", "E_ox_upper", "E_ox_remark"),
    *("E_red", "E_red_lower", "E_red_upper", "E_red_remark"),
    *("E_ox2", "E_ox2_lower", "E_ox2_upper", "E_ox2_remark"),
    *("E_red2", "E_red2_lower", "E_red2_upper", "E_red2_remark"),
    *("P_ox", "P_red", "P_ox2", "P_red2", "P_inside", *STABILITY, *PROPERTIES),
    *("IE_in_domain", "IE_remark", "EA_in_domain", "EA_remark"),
    *("IE", "IE_lower", "IE_upper", "EA", "EA_lower", "EA_upper"),
    *("E_ox_computed", "E_red_computed"),
)
# Names of the result's columns: a library's column with such a name gets the suffix `_given`.
TAKEN = (
    *CANDIDATES,
    *DOMAIN_FLAGS,
    *NUMBERS,
    *REMARKS,
    *CANDIDATE_FLAG.values(),
    "status",
    "scored",
    *INTERNAL,
)
