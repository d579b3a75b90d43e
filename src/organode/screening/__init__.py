"""From a library and two models to a short list of electrode materials, with a report."""
