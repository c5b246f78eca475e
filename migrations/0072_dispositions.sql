-- What somebody says came of a call, in a word of a queue's list. `by` is who said it, by their name as it was then. A call of a
-- queue and the visit of it that was talked to last say the same.
CREATE TABLE call_disposition (
    call_id INTEGER PRIMARY KEY,
    word    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    by      TEXT    NOT NULL
) STRICT;
CREATE INDEX call_disposition_word ON call_disposition (word, call_id);
CREATE INDEX visit_disposed ON visit (pbx_id, call_id) WHERE disposition IS NOT NULL;

-- What agents have said until now.
INSERT INTO call_disposition (call_id, word, at_ms, user_id, by)
SELECT call.id, visit.disposition, coalesce(visit.talk_ended_ms, visit.left_ms, visit.joined_ms), coalesce(visit.noted_by, 0),
       coalesce((SELECT display_name FROM user WHERE user.id = visit.noted_by), '')
FROM visit CROSS JOIN call ON call.call_id = visit.call_id AND call.pbx_id = visit.pbx_id
WHERE visit.disposition IS NOT NULL
    AND visit.joined_ms BETWEEN call.id / 4096 AND call.id / 4096 + call.duration_ms
ORDER BY visit.joined_ms DESC
ON CONFLICT DO NOTHING;
