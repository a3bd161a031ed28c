"""The HTTP server's pages: /metrics, health checks, figures and the records behind them."""
