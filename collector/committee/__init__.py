"""What the economy and the office keep for the committee's document: read, checked, summed."""

from collector.committee.commentary import commentary_of
from collector.committee.model import Commentary, Doubt, Office
from collector.committee.office import examine_offices, read_office

__all__ = ["Commentary", "Doubt", "Office", "commentary_of", "examine_offices", "read_office"]
