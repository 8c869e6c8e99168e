"""Seals, what they tie together, and checks of the values that are stored."""
