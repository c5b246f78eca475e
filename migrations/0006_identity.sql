-- Who somebody is elsewhere: at an OpenID Connect provider (its issuer) or in the directory ('ldap'). A person is found by
-- this pair alone, never by a name that may change hands. `follows` is 1 for people whose role and teams follow their
-- groups there; an administrator who links somebody made here keeps them as they are.
CREATE TABLE identity (
    provider   TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    follows    INTEGER NOT NULL CHECK (follows IN (0, 1)),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_user ON identity (user_id, provider);
