"""The material that the office writes for the committee's document: read, checked and summed."""

from collector.report.office.commentary import commentary_of
from collector.report.office.model import Commentary, Office, OfficeWarning
from collector.report.office.office import read_all_offices, read_office

__all__ = [
    "Commentary",
    "Office",
    "OfficeWarning",
    "commentary_of",
    "read_all_offices",
    "read_office",
]
