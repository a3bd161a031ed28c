"""The Prometheus metrics: figures, records and the state of the service."""
