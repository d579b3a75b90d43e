"""A neural network, which is trained with TensorFlow and predicts with NumPy arrays alone."""
