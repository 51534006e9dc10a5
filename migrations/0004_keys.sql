-- Keys that rotate while everything is in use: what each key of a tenant is for and how far it lives, and the
-- rotations that run.

ALTER TABLE tenant_key ADD COLUMN serves text NOT NULL DEFAULT 'both';   -- tenant, index; both: from before they were apart

ALTER TABLE tenant_key ADD COLUMN state text NOT NULL DEFAULT 'active';  -- coming: only read with; active: the newest is written with; retired: destroyed

ALTER TABLE tenant_key ADD COLUMN retired_at timestamptz;

ALTER TABLE customer ADD COLUMN data_key_at timestamptz;                 -- null: the data key is the first

CREATE INDEX event_of ON event (tenant_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE key_rotation (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  kind text NOT NULL CHECK (kind IN ('master', 'tenant', 'index', 'customers')),
  phase text NOT NULL CHECK (phase IN ('coming', 'moving', 'settling', 'done')),
  version bigint NOT NULL,            -- the new key's; 0 where there is none
  wait_seconds bigint NOT NULL,       -- longer than anybody works with keys once read
  next_at timestamptz NOT NULL,       -- by the database's time, when there is something to do
  settles_at timestamptz,             -- from when nobody writes with the old key any more
  place bigint NOT NULL,              -- how many of the places are done
  after text NOT NULL,                -- the last row that was looked at in the place after those
  before timestamptz,                 -- customers: only keys older than this
  only_id uuid,                       -- customers: only this one
  walked bigint NOT NULL,             -- rows looked at
  many bigint NOT NULL,               -- rows there were at the beginning
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, kind)
);

CREATE INDEX key_rotation_due ON key_rotation (next_at) WHERE phase <> 'done';
