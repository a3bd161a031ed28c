"""What wakes people: one model of rules, written for Prometheus and for Grafana. Pure."""
