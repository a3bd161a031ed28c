"""The running service: its scheduler, polling, jobs and signals."""
