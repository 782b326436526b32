"""Encryption at rest: keys, sealed fields, sealed files, keyed digests (security.md §7)."""
