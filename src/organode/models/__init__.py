"""What predicts: features, networks, error bars, and the model that joins them."""
