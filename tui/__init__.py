"""What the session monitor sees."""
