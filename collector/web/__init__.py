"""Pages and API: what a browser is shown of the figures and the records behind them."""
