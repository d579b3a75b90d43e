"""Access to MLflow: the tracking store, the runs that organode logs in it, the model registry."""
