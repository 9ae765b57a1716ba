"""One session told on paper: a recording in, a self-contained HTML page out."""
