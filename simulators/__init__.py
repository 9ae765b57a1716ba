"""What can go wrong: simulated physiology, sensors and faults, down to wire bytes."""
