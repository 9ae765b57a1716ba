CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE anchors (segment INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, utc_ns INTEGER NOT NULL,
    zone TEXT NOT NULL, monotonic_ns INTEGER NOT NULL, boot_id TEXT NOT NULL, rate REAL NOT NULL);
CREATE TABLE sensors (alias TEXT PRIMARY KEY, position INTEGER NOT NULL, spec TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE blocks (id INTEGER PRIMARY KEY,
    source TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL,
    t0_ns INTEGER NOT NULL, t1_ns INTEGER NOT NULL, value_min REAL, value_max REAL,
    order0 INTEGER NOT NULL, orders BLOB NOT NULL, times BLOB NOT NULL,
    lengths BLOB NOT NULL, payload BLOB NOT NULL, hash TEXT NOT NULL);
CREATE INDEX blocks_by_source ON blocks (source, t0_ns);
CREATE TABLE staged (id INTEGER PRIMARY KEY,
    source TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL,
    t0_ns INTEGER NOT NULL, t1_ns INTEGER NOT NULL, value_min REAL, value_max REAL,
    order0 INTEGER NOT NULL, orders BLOB NOT NULL, times BLOB NOT NULL,
    lengths BLOB NOT NULL, payload BLOB NOT NULL);
CREATE TABLE vitals (t_s INTEGER PRIMARY KEY, heart_rate_bpm REAL, heart_rate_validity TEXT,
    skin_degc REAL, skin_validity TEXT, skin_note TEXT);
CREATE TABLE journal (seq INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE chain_head (name TEXT PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TRIGGER anchors_no_update BEFORE update ON anchors BEGIN SELECT RAISE(ABORT, 'anchors is append-only'); END;
CREATE TRIGGER anchors_no_delete BEFORE delete ON anchors BEGIN SELECT RAISE(ABORT, 'anchors is append-only'); END;
CREATE TRIGGER blocks_no_update BEFORE update ON blocks BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;
CREATE TRIGGER blocks_no_delete BEFORE delete ON blocks BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;
CREATE TRIGGER vitals_no_update BEFORE update ON vitals BEGIN SELECT RAISE(ABORT, 'vitals is append-only'); END;
CREATE TRIGGER vitals_no_delete BEFORE delete ON vitals BEGIN SELECT RAISE(ABORT, 'vitals is append-only'); END;
CREATE TRIGGER journal_no_update BEFORE update ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE delete ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE VIEW actions AS SELECT j.seq, (SELECT strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + (j.t_ns - a.t_ns) / a.rate) / 1e9, 'unixepoch')
    FROM anchors a WHERE a.t_ns <= j.t_ns ORDER BY a.segment DESC LIMIT 1) AS utc, j.t_ns / 1e9 AS t_s, json_extract(j.body, '$.verb') AS "verb", json_extract(j.body, '$.operator') AS "operator", json_extract(j.body, '$.details') AS "details", json_extract(j.body, '$.refused') AS "refused", j.body FROM journal j WHERE j.kind = 'action' ORDER BY j.seq;
CREATE VIEW alarms AS SELECT j.seq, (SELECT strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + (j.t_ns - a.t_ns) / a.rate) / 1e9, 'unixepoch')
    FROM anchors a WHERE a.t_ns <= j.t_ns ORDER BY a.segment DESC LIMIT 1) AS utc, j.t_ns / 1e9 AS t_s, json_extract(j.body, '$.what') AS "what", json_extract(j.body, '$.condition') AS "condition", json_extract(j.body, '$.occurrence') AS "occurrence", json_extract(j.body, '$.priority') AS "priority", json_extract(j.body, '$.presence') AS "presence", json_extract(j.body, '$.value') AS "value", json_extract(j.body, '$.limit') AS "limit", json_extract(j.body, '$.unit') AS "unit", json_extract(j.body, '$.detail') AS "detail", j.body FROM journal j WHERE j.kind = 'alarm' ORDER BY j.seq;
CREATE VIEW limits AS SELECT j.seq, (SELECT strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + (j.t_ns - a.t_ns) / a.rate) / 1e9, 'unixepoch')
    FROM anchors a WHERE a.t_ns <= j.t_ns ORDER BY a.segment DESC LIMIT 1) AS utc, j.t_ns / 1e9 AS t_s, j.body FROM journal j WHERE j.kind = 'limits' ORDER BY j.seq;
CREATE VIEW gaps AS SELECT j.seq, (SELECT strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + (j.t_ns - a.t_ns) / a.rate) / 1e9, 'unixepoch')
    FROM anchors a WHERE a.t_ns <= j.t_ns ORDER BY a.segment DESC LIMIT 1) AS utc, j.t_ns / 1e9 AS t_s, json_extract(j.body, '$.source') AS "source", json_extract(j.body, '$.reason') AS "reason", j.body FROM journal j WHERE j.kind = 'gap' ORDER BY j.seq;
CREATE VIEW vitals_utc AS SELECT (SELECT strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + ((v.t_s * 1000000000) - a.t_ns) / a.rate) / 1e9, 'unixepoch')
    FROM anchors a WHERE a.t_ns <= (v.t_s * 1000000000) ORDER BY a.segment DESC LIMIT 1) AS utc, v.*
    FROM vitals v ORDER BY v.t_s;
