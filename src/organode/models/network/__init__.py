"""A network: trained with TensorFlow, evaluated with plain arrays."""
