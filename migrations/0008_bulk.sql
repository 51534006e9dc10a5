-- What comes in one piece: what was received, how far it is applied, and what was wrong with it.

CREATE TABLE bulk (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('customers', 'debt_accounts')),
  format text NOT NULL CHECK (format IN ('json', 'form', 'ndjson', 'csv')),
  words text NOT NULL CHECK (words IN ('guide', 'openapi')),   -- whose enumerations it speaks
  source text NOT NULL CHECK (source IN ('api', 'file')),      -- file: read again by whoever began it, nothing is spooled
  state text NOT NULL CHECK (state IN ('receiving', 'pending', 'processing', 'completed', 'failed', 'canceled')),
  keep_later_payments boolean NOT NULL,
  digest bytea,                       -- keyed, of all that was received; null while it arrives
  bytes bigint NOT NULL,
  total bigint NOT NULL,              -- records received
  balance bigint NOT NULL,            -- the sum of their balances, as sent
  place bigint NOT NULL,              -- records applied or refused: it commits with them
  created bigint NOT NULL,
  updated bigint NOT NULL,
  failed bigint NOT NULL,
  kept bigint NOT NULL,               -- balances left alone, because a payment of ours is later
  ignored text NOT NULL,              -- columns that nobody knows
  fence bigint NOT NULL,              -- rises with every claim
  due_at timestamptz,                 -- pending: when it is due; processing: when its lease ends; receiving: when it counts as broken off
  reason text,                        -- why it failed
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX bulk_due ON bulk (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bulk_by_digest ON bulk (tenant_id, digest) WHERE digest IS NOT NULL;

-- What is received and not applied yet. Gone as soon as it is.
CREATE TABLE bulk_piece (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  bulk_id uuid NOT NULL,
  first bigint NOT NULL,              -- how many records came before
  records bigint NOT NULL,
  body bytea NOT NULL,                -- sealed
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, bulk_id, first),
  FOREIGN KEY (tenant_id, bulk_id) REFERENCES bulk (tenant_id, id)
);

CREATE TABLE bulk_error (
  tenant_id uuid NOT NULL,
  bulk_id uuid NOT NULL,
  position bigint NOT NULL,           -- 1 is the first record
  line bigint,                        -- where it begins in the file
  external_id text,
  errors text NOT NULL,               -- field by field; never a value
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, bulk_id, position),
  FOREIGN KEY (tenant_id, bulk_id) REFERENCES bulk (tenant_id, id)
);

-- Whoever has received something whole takes turns here, so that the same bytes are found to be the same.
CREATE TABLE bulk_head (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id)
);
