"""What a sensor says: wire formats, transports and their supervision."""
