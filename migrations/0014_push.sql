-- Web push: who is told of alarms while no page of Starboard is open. Times are milliseconds since the Unix epoch, UTC.

-- The one key pair that Starboard shows itself to push services with (VAPID): 32 bytes, base64url, sealed. Browsers subscribe
-- to its public half, so that subscriptions go with it.
CREATE TABLE push_key (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    key_sealed BLOB    NOT NULL
) STRICT;

-- A browser, as its push service knows it. It is told while a session of its person that is not over names it: the session's
-- data holds `push`, this row's id. Ids are never used again, for that reason. `address` is from where it subscribed.
CREATE TABLE push_device (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    endpoint   TEXT    NOT NULL UNIQUE,
    p256dh     BLOB    NOT NULL CHECK (length(p256dh) = 65),
    auth       BLOB    NOT NULL CHECK (length(auth) = 16),
    device     TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    told_ms    INTEGER
) STRICT;
CREATE INDEX push_device_user ON push_device (user_id);

CREATE TRIGGER push_device_of_disabled AFTER UPDATE OF disabled ON user WHEN NEW.disabled = 1
BEGIN DELETE FROM push_device WHERE user_id = NEW.id; END;
