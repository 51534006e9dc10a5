-- Watching the processor: what it did that is not in the books, and until when that was looked at.
--
-- A processor serves all tenants of an environment, so these two tables are the installation's and not a tenant's.

ALTER TABLE charge ADD COLUMN asked_until timestamptz;

ALTER TABLE refund ADD COLUMN asked_until timestamptz;

CREATE INDEX charge_ach_settled ON charge (completed_at) WHERE rail = 'ach' AND state = 'succeeded';

CREATE TABLE processor_watch (
  environment text NOT NULL PRIMARY KEY CHECK (environment IN ('production', 'sandbox')),
  swept_to timestamptz NOT NULL,      -- what the processor did before this is in the books
  due_at timestamptz NOT NULL,        -- when the next sweep is due
  sweep_began timestamptz,            -- the sweep under way: when it began,
  sweep_since timestamptz,            -- from when on it lists,
  cursor text,                        -- where its next page begins,
  sweep_found bigint NOT NULL,        -- and how much it found that the books did not know
  lease_until timestamptz,            -- whoever sweeps now has until then
  fence bigint NOT NULL,              -- rises with every claim
  verify_since timestamptz,           -- verify mode: since when the books may lack something; null: it is off
  reason text,                        -- why it was switched on
  epoch text,                         -- which database this was when last looked at
  updated_at timestamptz NOT NULL
);

CREATE TABLE processor_finding (
  environment text NOT NULL,
  processor_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'contradiction', 'unreadable')),
  pkey text NOT NULL,
  amount bigint NOT NULL,
  tenant_id uuid,                     -- null: nobody we know
  charge_id uuid,
  refund_id uuid,
  posted text NOT NULL CHECK (posted IN ('account', 'suspense', 'nowhere')),
  why text NOT NULL,
  found_at timestamptz NOT NULL,
  closed_at timestamptz,              -- a person has dealt with it, or none needs to
  closed_by text,
  PRIMARY KEY (environment, processor_id, kind)
);
