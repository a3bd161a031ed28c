"""Business seconds and deadlines by business calendars, exact to the second; pure."""

from collector.business_time.calendar import BusinessCalendar

__all__ = ["BusinessCalendar"]
