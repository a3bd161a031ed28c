"""The running service: scheduler, polling, jobs and signals."""
