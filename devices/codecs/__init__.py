"""One file per wire format; bytes in, measurements out, never raising on bad bytes."""
