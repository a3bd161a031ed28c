"""The Grafana boards, written as JSON by ``python -m dashboards``; needed only to build them."""
