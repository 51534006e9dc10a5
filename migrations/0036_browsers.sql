-- The browsers that customers came in by, and what keeps a link from showing a debt to somebody else.

ALTER TABLE customer_session ADD COLUMN sent boolean NOT NULL DEFAULT false;       -- we sent the link ourselves

ALTER TABLE customer_session ADD COLUMN bound_at timestamptz;                      -- when a first browser came in by it

ALTER TABLE customer_session ADD COLUMN wrong_answers bigint NOT NULL DEFAULT 0;   -- to the question who it is

ALTER TABLE setting ADD COLUMN portal_check text NOT NULL DEFAULT 'other_browsers' CHECK (portal_check IN ('other_browsers', 'always'));

CREATE TABLE browser (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  hash bytea NOT NULL,                -- of its cookie's secret
  checked boolean NOT NULL,           -- whether it said who it is
  seen_at timestamptz NOT NULL,       -- when it was last used, to the minute
  left_at timestamptz,                -- when it was logged out
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES customer_session (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
);

CREATE INDEX browser_by_hash ON browser (hash);

CREATE INDEX browser_of ON browser (tenant_id, customer_id);

CREATE INDEX browser_of_session ON browser (tenant_id, session_id);
