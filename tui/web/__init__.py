"""The dashboard in a browser on this computer."""
