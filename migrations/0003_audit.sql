-- The audit trail: rows are added and never changed, each chained to the one before (server/src/trail/chain.rs).
-- What an earlier version wrote stays in `audit_before` until the next start, which has the key to chain it.
DROP INDEX audit_at;
ALTER TABLE audit RENAME TO audit_before;

-- The keys of the chain, sealed by the key file: who has this file alone cannot continue the chain.
CREATE TABLE audit_key (
    id         INTEGER PRIMARY KEY,
    key_sealed BLOB    NOT NULL
) STRICT;

-- One row: where the trail begins and ends. `mac` is made with the chain's key, so that neither end moves unnoticed.
CREATE TABLE audit_head (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    first_id    INTEGER NOT NULL,
    before_hash BLOB    NOT NULL,
    last_id     INTEGER NOT NULL,
    last_hash   BLOB    NOT NULL,
    key_id      INTEGER NOT NULL REFERENCES audit_key (id),
    mac         BLOB    NOT NULL
) STRICT;

-- An act is a row before its effect; what came of it is a second row, whose `act_id` names the first.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    act_id   INTEGER,
    actor_id INTEGER,
    actor    TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    object   TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    key_id   INTEGER NOT NULL REFERENCES audit_key (id),
    hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);
CREATE UNIQUE INDEX audit_outcome ON audit (act_id) WHERE act_id IS NOT NULL;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is not changed'); END;

-- Retention moves the sealed beginning first; what lies before it may go.
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
WHEN OLD.id >= coalesce((SELECT first_id FROM audit_head), 0)
BEGIN SELECT RAISE(ABORT, 'the audit trail is not deleted'); END;

CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
WHEN NEW.id <> coalesce((SELECT last_id FROM audit_head), 0) + 1
BEGIN SELECT RAISE(ABORT, 'the audit trail grows at its end alone'); END;

CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit trail keeps its head'); END;
