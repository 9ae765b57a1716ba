"""The central station's state: many rooms, told over a broker, made into one picture."""
