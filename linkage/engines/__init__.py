"""Engines: where relational steps run and Splink scores."""
