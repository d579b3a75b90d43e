"""The tables that pipeline stages write: what they hold, and checks of them."""
