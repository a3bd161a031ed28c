"""Blocks to files: PDF, DOCX, HTML, CSV, XLSX, JSON."""
