"""Browser journeys."""
