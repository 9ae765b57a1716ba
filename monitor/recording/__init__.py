"""One SQLite file a session: schema, writer, reader, verification."""
