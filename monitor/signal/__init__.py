"""Pure block stages: measurements in, vitals out."""
