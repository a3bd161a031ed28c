"""Access to the outside world: HTTP, YAML, files, secrets, the clock, progress and user errors."""
