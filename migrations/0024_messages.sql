-- What is to be said to whom, and the texts that organizations wrote for it. A message is its own row in the queue of what
-- is to be sent.

CREATE TABLE message (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  language text NOT NULL,
  customer_id uuid,                   -- whose key seals it; null: the tenant's
  debt_id uuid,                       -- the account it is about
  object text,                        -- the thing it is about
  object_id uuid,
  recipient bytea,                    -- the address or number; gone once its customer is
  variables bytea,                    -- what its text is filled in with; gone likewise
  state text NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'canceled')),
  due_at timestamptz,                 -- pending: when it is tried next, or when the lease of whoever tries it ends
  fence bigint NOT NULL,              -- rises with every claim; a result under an older one is ignored
  attempts bigint NOT NULL,
  last_error text,                    -- one of our own words, never theirs
  provider_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE INDEX message_due ON message (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_failed ON message (tenant_id) WHERE state = 'failed';
CREATE INDEX message_to ON message (tenant_id, customer_id);
CREATE INDEX message_about ON message (tenant_id, object_id);

CREATE TABLE message_template (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,                   -- made of kind, channel and language
  kind text NOT NULL,
  channel text NOT NULL,
  language text NOT NULL,
  subject text,                       -- of an e-mail
  body text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- Where the receipt of a charge goes once it has succeeded; empty: to the address that is known of its customer. Gone as soon
-- as that is decided.
ALTER TABLE charge ADD COLUMN receipt_to bytea;

-- A request to agree on a plan is sent by its message, which has the recipient. One that waits from before was never sent,
-- and could not have been.
UPDATE plan_request SET state = 'made' WHERE state = 'queued';
DROP INDEX plan_request_due;
ALTER TABLE plan_request DROP COLUMN recipient;
ALTER TABLE plan_request DROP COLUMN due_at;
ALTER TABLE plan_request DROP COLUMN fence;
