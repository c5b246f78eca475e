-- Roles, teams, and the extensions that belong to people.

-- `slug` names the roles that are always there; what those may do is in the program. `abilities` is JSON: ability to reach.
CREATE TABLE role (
    id         INTEGER PRIMARY KEY,
    slug       TEXT    UNIQUE,
    name       TEXT    NOT NULL UNIQUE,
    abilities  TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO role (id, slug, name, abilities, created_ms) VALUES
    (1, 'admin', 'Administrator', '{}', 0),
    (2, 'supervisor', 'Supervisor', '{}', 0),
    (3, 'agent', 'Agent', '{}', 0),
    (4, 'viewer', 'Viewer', '{}', 0);

ALTER TABLE user ADD COLUMN role_id INTEGER REFERENCES role (id);
UPDATE user SET role_id = (SELECT id FROM role WHERE slug = user.role);
ALTER TABLE user DROP COLUMN role;
-- NULL: every PBX
ALTER TABLE user ADD COLUMN pbx_id INTEGER REFERENCES pbx (id) ON DELETE SET NULL;
CREATE INDEX user_role ON user (role_id);

-- `place` 0 is the phone that rings first.
CREATE TABLE user_extension (
    user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    pbx_id  INTEGER NOT NULL REFERENCES pbx (id) ON DELETE CASCADE,
    number  TEXT    NOT NULL,
    place   INTEGER NOT NULL,
    PRIMARY KEY (user_id, pbx_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO user_extension (user_id, pbx_id, number, place)
    SELECT id, own_pbx, own_extension, 0 FROM user WHERE own_pbx IS NOT NULL AND own_extension IS NOT NULL;
ALTER TABLE user DROP COLUMN own_pbx;
ALTER TABLE user DROP COLUMN own_extension;

CREATE TABLE team (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE team_member (
    team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_user ON team_member (user_id);
CREATE TABLE team_queue (
    team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    pbx_id  INTEGER NOT NULL REFERENCES pbx (id) ON DELETE CASCADE,
    queue   TEXT    NOT NULL,
    PRIMARY KEY (team_id, pbx_id, queue)
) STRICT, WITHOUT ROWID;

-- The one-time link by which a person chooses a password; here is the SHA-256 of its token.
CREATE TABLE invitation (
    token_hash BLOB    PRIMARY KEY,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES user (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts every change of what anybody may see or do: whoever holds rights looks here whether they still hold.
CREATE TABLE rights_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO rights_version (id, version) VALUES (1, 1);
CREATE TRIGGER user_changed AFTER UPDATE OF username, display_name, role_id, pbx_id, disabled ON user
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER user_gone AFTER DELETE ON user
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER role_changed AFTER UPDATE ON role
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER user_extension_added AFTER INSERT ON user_extension
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER user_extension_changed AFTER UPDATE ON user_extension
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER user_extension_gone AFTER DELETE ON user_extension
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER team_member_added AFTER INSERT ON team_member
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER team_member_gone AFTER DELETE ON team_member
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER team_queue_added AFTER INSERT ON team_queue
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER team_queue_gone AFTER DELETE ON team_queue
BEGIN UPDATE rights_version SET version = version + 1; END;
