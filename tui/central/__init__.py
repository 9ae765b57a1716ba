"""The central station's screen: a wall of rooms, and one room in full."""
