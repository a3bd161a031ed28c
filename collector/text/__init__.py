"""One vocabulary and one formatter of numbers, dates and durations, in Swedish and English."""
