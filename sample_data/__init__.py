"""The seeded generator of synthetic registries; see README.md beside this file."""
