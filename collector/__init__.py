"""Servicedesk KPI: exact service-desk indicators from ticket and telephone systems."""

__version__ = "0.1.0"
