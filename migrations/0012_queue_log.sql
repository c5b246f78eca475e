-- Asterisk's own log of its queues, from which is put right what was not seen. Times are milliseconds since the Unix epoch, UTC.

-- Where the log of a PBX is, on this host; empty where none is read.
ALTER TABLE pbx ADD COLUMN queue_log TEXT NOT NULL DEFAULT '';

-- The second in which the log has the caller come, where it was held against the log. `source` is the log where the log
-- was needed to tell how the visit went.
ALTER TABLE visit ADD COLUMN logged_s INTEGER;

-- How far a log was read: everything before `position` in that file was made use of. `head` is how the file begins.
-- Since `since_ms` (by the log) no line was missed. How many visits nobody had seen, were put right, and are told otherwise
-- by the log than they were seen.
CREATE TABLE queue_log_place (
    pbx_id   INTEGER PRIMARY KEY REFERENCES pbx (id) ON DELETE CASCADE,
    path     TEXT    NOT NULL,
    device   INTEGER NOT NULL,
    inode    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    head     BLOB    NOT NULL,
    since_ms INTEGER,
    added    INTEGER NOT NULL,
    healed   INTEGER NOT NULL,
    differed INTEGER NOT NULL
) STRICT;

-- Who an agent is whom the log names.
CREATE INDEX agent_span_name ON agent_span (pbx_id, name, since_ms);
