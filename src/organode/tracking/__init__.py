"""MLflow: store, runs of studies and models, registry."""
