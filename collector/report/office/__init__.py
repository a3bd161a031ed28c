"""The material that the office writes for the committee's document: read, checked and summed."""

from collector.report.office.commentary import commentary_of
from collector.report.office.model import Commentary, Doubt, Office
from collector.report.office.office import examine_offices, read_office

__all__ = ["Commentary", "Doubt", "Office", "commentary_of", "examine_offices", "read_office"]
