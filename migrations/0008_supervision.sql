-- Supervisors' phones that take part in calls of others, so that what a Starboard that was stopped began is ended when it
-- runs again; `act_id` is the open row in the audit trail. Agents who wait for help. Whether agents see who hears them.
CREATE TABLE supervision (
    pbx_id   INTEGER NOT NULL REFERENCES pbx (id) ON DELETE CASCADE,
    channel  TEXT    NOT NULL,
    act_id   INTEGER NOT NULL,
    user_id  INTEGER,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    PRIMARY KEY (pbx_id, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE help_request (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES user (id) ON DELETE CASCADE,
    pbx_id     INTEGER NOT NULL REFERENCES pbx (id) ON DELETE CASCADE,
    extension  TEXT    NOT NULL,
    call       TEXT    NOT NULL,
    words      TEXT    NOT NULL,
    asked_ms   INTEGER NOT NULL,
    taken_by   INTEGER REFERENCES user (id) ON DELETE SET NULL
) STRICT;

ALTER TABLE pbx ADD COLUMN supervision_shown INTEGER NOT NULL DEFAULT 1;
