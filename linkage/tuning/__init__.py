"""Thresholds: what a trial says of them, which to choose, what would change, writing them."""
