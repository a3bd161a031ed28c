"""Render reports as files: PDF, DOCX, HTML, CSV, XLSX, JSON."""
