"""Functions behind `import organode` and `organode predict`: load models, predict, screen."""
