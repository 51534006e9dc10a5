-- What a plan's customer was told before each payment; and a tenant's events that have no place yet, found without reading
-- all of its events (SQLite takes an index that begins with the tenant before one that does not).

ALTER TABLE instalment ADD COLUMN notice_id uuid;   -- the message that told of it last
ALTER TABLE instalment ADD COLUMN no_notice text;   -- why nothing could be told

CREATE INDEX event_waiting ON event (tenant_id, id) WHERE seq IS NULL;
