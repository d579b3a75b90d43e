"""The Optuna search over fingerprint and network settings, by the validation MAE over folds."""
