-- Calls that are derived anew from Asterisk's own records. Times are milliseconds since the Unix epoch, UTC.
-- `after` is the last call that was dealt with: whoever is killed is gone on with from there. `act_id` is the open row in the
-- audit trail, `tally` (JSON) what came of it so far.
CREATE TABLE history_rebuild (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    pbx_id   INTEGER NOT NULL,
    from_ms  INTEGER NOT NULL,
    to_ms    INTEGER NOT NULL,
    act_id   INTEGER NOT NULL,
    user_id  INTEGER,
    actor    TEXT    NOT NULL,
    began_ms INTEGER NOT NULL,
    done_ms  INTEGER,
    after    INTEGER NOT NULL DEFAULT 0,
    tally    TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX history_rebuild_under_way ON history_rebuild (pbx_id, from_ms, to_ms) WHERE done_ms IS NULL;
