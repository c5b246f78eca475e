-- What people say of a moment of a recording. `by` is the writer's name as it was then.
CREATE TABLE recording_comment (
    id           INTEGER PRIMARY KEY,
    recording_id INTEGER NOT NULL REFERENCES recording (id),
    at_s         INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    by           TEXT    NOT NULL,
    said         TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX recording_comment_of ON recording_comment (recording_id, at_s);
