"""Alert rules: one model, rendered for Prometheus and for Grafana. Pure."""
