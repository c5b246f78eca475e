-- A copy of the calls that are over, for reading (docs/history.md). Numbers of calls, parties and kinds are those of the database that is
-- copied. Calls and who was on them lie in a table for each month (UTC) in which they began: a call's number is that
-- moment, in milliseconds times 4096.

CREATE TABLE party (
    id        bigint PRIMARY KEY,
    pbx_id    bigint NOT NULL,
    number    text   NOT NULL,
    name      text   NOT NULL,
    extension text   NOT NULL,
    digits    text   COLLATE "C" NOT NULL,
    folded    text   COLLATE "C" NOT NULL
);
-- Starboard looks up who somebody is in its own database; these are for whoever else asks
CREATE INDEX party_extension ON party (extension, pbx_id) WHERE extension <> '';
CREATE INDEX party_digits ON party (digits);
CREATE INDEX party_folded ON party (folded);

CREATE TABLE call_kind (
    id        bigint PRIMARY KEY,
    pbx_id    bigint NOT NULL,
    direction text   NOT NULL,
    result    text   NOT NULL,
    queue     text   NOT NULL,
    trunk     text   NOT NULL,
    recorded  bigint NOT NULL,
    length    bigint NOT NULL,
    calls     bigint NOT NULL
);

CREATE TABLE call (
    id          bigint NOT NULL,
    pbx_id      bigint NOT NULL,
    call_id     text   NOT NULL,
    linked      text,
    kind_id     bigint NOT NULL,
    caller_id   bigint NOT NULL,
    callee_id   bigint NOT NULL,
    others      bigint[],
    dialled     text   NOT NULL,
    answered_ms bigint,
    duration_ms bigint NOT NULL,
    talk_ms     bigint NOT NULL,
    held_ms     bigint NOT NULL,
    first_by    text,
    last_by     text,
    cause       bigint NOT NULL,
    hung_up_by  text   NOT NULL,
    marks       bigint NOT NULL,
    pdd_ms      bigint,
    mes         bigint,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX call_kind_id ON call (kind_id, id);
CREATE TABLE call_party (
    party_id bigint NOT NULL,
    call_id  bigint NOT NULL,
    role     bigint NOT NULL,
    kind_id  bigint NOT NULL,
    -- whose calls, read from the index alone
    PRIMARY KEY (party_id, call_id, role) INCLUDE (kind_id)
) PARTITION BY RANGE (call_id);

CREATE TABLE call_hour (
    hour bigint NOT NULL, pbx_id bigint NOT NULL, direction text NOT NULL,
    answered bigint NOT NULL, missed bigint NOT NULL, busy bigint NOT NULL, failed bigint NOT NULL, abandoned bigint NOT NULL,
    voicemail bigint NOT NULL, service bigint NOT NULL, interrupted bigint NOT NULL, duration_ms bigint NOT NULL,
    talk_ms bigint NOT NULL, pdd_ms bigint NOT NULL, pdd_calls bigint NOT NULL, mes bigint NOT NULL, mes_calls bigint NOT NULL,
    PRIMARY KEY (hour, pbx_id, direction)
);
CREATE TABLE call_day (
    day bigint NOT NULL, pbx_id bigint NOT NULL, direction text NOT NULL,
    answered bigint NOT NULL, missed bigint NOT NULL, busy bigint NOT NULL, failed bigint NOT NULL, abandoned bigint NOT NULL,
    voicemail bigint NOT NULL, service bigint NOT NULL, interrupted bigint NOT NULL, duration_ms bigint NOT NULL,
    talk_ms bigint NOT NULL, pdd_ms bigint NOT NULL, pdd_calls bigint NOT NULL, mes bigint NOT NULL, mes_calls bigint NOT NULL,
    PRIMARY KEY (day, pbx_id, direction)
);

-- Of which database this is a copy, and how far it is: every party up to `parties` and every call up to `calls` was copied in a first
-- pass, which is `whole` when it is through; then every change up to `position`. Calls before `begins` were dropped, and are not taken in.
CREATE TABLE copied (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    source     text    NOT NULL,
    generation bigint  NOT NULL,
    parties  bigint  NOT NULL DEFAULT -1,
    calls    bigint  NOT NULL DEFAULT -1,
    whole    boolean NOT NULL DEFAULT false,
    position bigint  NOT NULL DEFAULT 0,
    begins   bigint  NOT NULL DEFAULT 0
);
