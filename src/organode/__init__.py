"""organode: from a molecule's structure to electrode materials that survive in an electrolyte."""

__version__ = "0.1.0"
