"""From configuration files to settings that can be used, or to every fault at once."""
