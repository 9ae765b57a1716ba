"""Alarm sound: tones, what to play, and the process that plays it."""
