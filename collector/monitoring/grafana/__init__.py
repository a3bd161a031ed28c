"""Boards, rules and contact points put into a Grafana, and kept there as they shall be."""
