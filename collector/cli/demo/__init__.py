"""A simulated desk and telephone system with history."""
