"""Models that predict IE and EA: neural networks, error bars, and the predictor using both."""
