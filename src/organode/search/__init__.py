"""The Optuna search over fingerprint and network, scored by the MAE over folds."""
