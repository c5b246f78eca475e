-- Reports that are sent by mail again and again. `address` is the page's own, `recipients` a JSON list of mail addresses.
-- `due_ms` is the moment (Unix milliseconds) at which the next one is due: it is about the day, week or month that ends then.
-- `try_ms` is when it is tried next, `tries` how often it failed, `trouble` why.
CREATE TABLE mailing (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    address    TEXT    NOT NULL,
    every      TEXT    NOT NULL CHECK (every IN ('day', 'week', 'month')),
    at_minute  INTEGER NOT NULL CHECK (at_minute BETWEEN 0 AND 1439),
    zone       TEXT    NOT NULL,
    format     TEXT    NOT NULL CHECK (format IN ('pdf', 'xlsx', 'csv')),
    recipients TEXT    NOT NULL,
    due_ms     INTEGER NOT NULL,
    try_ms     INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    sent_ms    INTEGER,
    trouble    TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX mailing_due ON mailing (try_ms);
CREATE INDEX mailing_of ON mailing (user_id);
