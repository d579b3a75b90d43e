"""Stability of radical ions: rules, and probabilities from redox couples of known reversibility."""

from organode.electrochemistry.stability.rules import CAUTION, FATAL, FINE, OXIDISED, REDUCED
from organode.electrochemistry.stability.verdict import Hit, Verdict, verdict

__all__ = ["CAUTION", "FATAL", "FINE", "OXIDISED", "REDUCED", "Hit", "Verdict", "verdict"]
