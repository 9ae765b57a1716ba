"""`vigil run` with no sensor listed: who, which sensors, and off."""
