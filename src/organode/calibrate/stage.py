"""The stage `calibrate`: error bars from the predictions that each network made of its own fold."""

from __future__ import annotations

from rdkit import Chem

from organode.calibrate import uncertainty_folder
from organode.ensemble import Ensemble
from organode.errors import OrganodeError
from organode.files import replacing_folder
from organode.labelled import Labelled
from organode.progress import bar
from organode.train import model_folder
from organode.uncertainty import FILES, Uncertainty


def calibrate(target: str) -> Uncertainty:
    """Learn the error bars of one target's ensemble and write them.

    Raises
    ------
    OrganodeError
        If the ensemble is missing or was trained on other folds, or there are too few molecules.
    """
    ensemble = Ensemble.load(model_folder(target))
    data = Labelled.read(target)
    if sorted(member.fold for member in ensemble.members) != list(range(data.n_folds)):
        raise OrganodeError(
            f"{model_folder(target)} was trained on other folds: run `organode train {target}`"
        )
    learned = data.fold >= 0
    with bar(f"calibrate {target}", int(learned.sum()), "molecules") as progress:
        outputs = ensemble.outputs(data.matrix(ensemble.inputs)[learned])
        fold = data.fold[learned]
        molecules = [
            Chem.MolFromSmiles(one)
            for one, is_learned in zip(data.smiles, learned, strict=True)
            if is_learned
        ]
        uncertainty = Uncertainty.fit(
            molecules, fold, ensemble.held_out(outputs, fold), data.label[learned]
        )
        progress.advance(len(molecules))
    with replacing_folder(uncertainty_folder(target), FILES) as folder:
        uncertainty.save(folder)
    return uncertainty
