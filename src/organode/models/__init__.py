"""Models: input features, networks, error bars, and the predictor that joins them."""
