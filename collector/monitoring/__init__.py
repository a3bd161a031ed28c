"""What watches the service and the desk: metrics, alert rules and Grafana."""
