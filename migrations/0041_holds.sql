-- Who had the recordings of a call kept, and why; `id` is how other tables of texts are walked through.
ALTER TABLE call_hold ADD COLUMN by TEXT NOT NULL DEFAULT '';
ALTER TABLE call_hold ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE call_hold ADD COLUMN id INTEGER GENERATED ALWAYS AS (call_id) VIRTUAL;
