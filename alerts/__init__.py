"""What needs a human: alarm conditions, alarm signals and their sound."""
