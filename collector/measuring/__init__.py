"""Measures records and makes figures of them: verdicts, kinds, figures, and the engine that reads
the store."""
