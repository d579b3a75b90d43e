"""Rules on which radical ions live: what a computed energy does not say about a molecule."""

from organode.electrochemistry.stability.rules import CAUTION, FATAL, FINE, OXIDISED, REDUCED
from organode.electrochemistry.stability.verdict import Hit, Verdict, verdict

__all__ = ["CAUTION", "FATAL", "FINE", "OXIDISED", "REDUCED", "Hit", "Verdict", "verdict"]
