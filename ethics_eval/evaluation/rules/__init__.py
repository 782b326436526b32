"""Schemes, the tallies of ballots, and imported scores: pure rules."""
