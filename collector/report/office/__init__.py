"""What the economy and the office keep for the committee's document: read, checked, summed."""

from collector.report.office.commentary import commentary_of
from collector.report.office.model import Commentary, Doubt, Office
from collector.report.office.office import examine_offices, read_office

__all__ = ["Commentary", "Doubt", "Office", "commentary_of", "examine_offices", "read_office"]
