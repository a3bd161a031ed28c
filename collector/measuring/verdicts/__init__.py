"""Records to verdicts; pure."""
