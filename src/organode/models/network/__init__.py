"""One network: TensorFlow trains it, plain arrays answer."""
