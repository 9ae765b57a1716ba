"""The session: signal stages, core, engine, recording, replay, command line."""
