-- Calls that were not seen as a whole, and are put right by Asterisk's own records: what was seen of each (`seen`), against which
-- records are always held, and what it is told as (`told`); both JSON.
CREATE TABLE call_seen (
    id   INTEGER PRIMARY KEY,
    seen TEXT    NOT NULL,
    told TEXT    NOT NULL
) STRICT;
-- Whoever tells a call anew takes out by what files it was known.
CREATE INDEX recorded_call_call ON recorded_call (call_id);
