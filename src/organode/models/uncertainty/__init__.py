"""Error bars of predictions, and the applicability domain of a model."""
