-- What belongs to a person's way in beside the password. A row comes with the first sign-in that needs one.
CREATE TABLE sign_in (
    user_id           INTEGER PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE,
    -- 16 random bytes: what a passkey knows the person by
    handle            BLOB    NOT NULL UNIQUE CHECK (length(handle) = 16),
    -- the first sign-in under a policy that asks for a second factor; the days of grace count from there
    required_since_ms INTEGER,
    totp_sealed       BLOB,
    totp_since_ms     INTEGER,
    -- the last step whose code was taken: no code is taken twice
    totp_step         INTEGER,
    -- the salt of the present set of recovery codes
    recovery_salt     BLOB
) STRICT;

CREATE TABLE passkey (
    id            INTEGER PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    credential_id BLOB    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    -- JSON: the public key, its counter and whether it is kept in several places; nothing in it is secret
    credential    TEXT    NOT NULL,
    created_ms    INTEGER NOT NULL,
    used_ms       INTEGER
) STRICT;
CREATE INDEX passkey_user ON passkey (user_id, created_ms);

-- Argon2id of each code that is left; one that was used is gone.
CREATE TABLE recovery_code (
    user_id   INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    code_hash BLOB    NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
