"""Names of the attributes that trials have besides Optuna's own."""

RETRY_OF = "retry_of"  # number of the interrupted trial that this trial repeats
SAME_AS = "same_as"  # number of a trial with equal parameters, whose results were copied
SETTINGS = "settings"  # of the network, as a dictionary
FIXED = "fixed"  # true: the trial with the fixed settings
FOLD_MAES = "fold_maes"  # validation MAE of each fold so far, eV
EPOCHS = "epochs"  # how many epochs the folds of `FOLD_MAES` were trained
ROW_ERRORS = "row_errors"  # absolute errors on the validation rows of all folds, packed
