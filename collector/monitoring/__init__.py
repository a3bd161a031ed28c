"""Monitoring: the service's health, metrics for Prometheus, alert rules, and Grafana."""
