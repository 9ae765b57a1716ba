"""Many rooms over one MQTT broker: what a room publishes and a central station reads."""
