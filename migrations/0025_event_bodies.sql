-- How long events say what a thing was, once a later one says what it is.

ALTER TABLE setting ADD COLUMN event_days bigint;   -- null: for ever

-- How far the bodies of events have been gone through, of those that set an end to them.
CREATE TABLE event_retention (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  place bigint NOT NULL,              -- looked at up to here: it commits with what was emptied
  again_from bigint,                  -- behind here is something that somebody was still to be told of
  again_at timestamptz                -- when to look from there once more
);
