"""From records to figures: verdicts, kinds, figures, and the engine that reads the store."""
