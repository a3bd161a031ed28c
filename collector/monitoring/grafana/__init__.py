"""Provisions boards, alert rules and contact points in a Grafana."""
