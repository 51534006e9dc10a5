-- Payment plans that are agreed upon: their terms and instalments, who authorized them, requests to agree on one, and
-- offers to settle for less than is owed.

ALTER TABLE payment_plan ADD COLUMN open_ended boolean NOT NULL DEFAULT false;  -- pays until nothing is owed
ALTER TABLE payment_plan ADD COLUMN total_amount bigint;                        -- what it pays in all
ALTER TABLE payment_plan ADD COLUMN settles bigint;                             -- a settlement: the balance it settles for total_amount
ALTER TABLE payment_plan ADD COLUMN down_payment bigint;
ALTER TABLE payment_plan ADD COLUMN down_payment_date date;
ALTER TABLE payment_plan ADD COLUMN min_payment_amount bigint;                  -- pending: the least instalment its customer may choose
ALTER TABLE payment_plan ADD COLUMN payment_method_id uuid;                     -- as in its last authorization, which has the foreign key
ALTER TABLE payment_plan ADD COLUMN offer_id uuid;                              -- the settlement offer it takes up
ALTER TABLE payment_plan ADD COLUMN source text NOT NULL DEFAULT 'api';
ALTER TABLE payment_plan ADD COLUMN enrolled_at timestamptz;
ALTER TABLE payment_plan ADD COLUMN paused_at timestamptz;
ALTER TABLE payment_plan ADD COLUMN ended_at timestamptz;
ALTER TABLE payment_plan ADD COLUMN reason text;                                -- why it ended

-- An account has one plan that lives.
CREATE UNIQUE INDEX payment_plan_live ON payment_plan (tenant_id, debt_id) WHERE status IN ('pending', 'active', 'paused');

CREATE TABLE instalment (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  due_on date NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  state text NOT NULL CHECK (state IN ('scheduled', 'submitting', 'paid', 'failed', 'cancelled')),
  due_at timestamptz,                 -- scheduled: when it is due; null while its plan stands still, and once it ended
  presentment bigint NOT NULL,        -- rises with each definite refusal: part of the charge's key at the processor
  fence bigint NOT NULL,              -- rises with every claim
  charge_id uuid,
  charged_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, plan_id, number),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES payment_plan (tenant_id, id),
  FOREIGN KEY (tenant_id, charge_id) REFERENCES charge (tenant_id, id)
);

CREATE INDEX instalment_due ON instalment (due_at) WHERE due_at IS NOT NULL;

-- Evidence, kept: never changed but for its end.
CREATE TABLE plan_authorization (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  payment_method_id uuid NOT NULL,
  channel text NOT NULL,              -- how it was given
  terms text NOT NULL,                -- what it is for, in words
  given_by text NOT NULL,             -- who recorded it
  given_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES payment_plan (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_method_id) REFERENCES payment_method (tenant_id, id)
);

CREATE INDEX plan_authorization_of ON plan_authorization (tenant_id, plan_id);
CREATE INDEX plan_authorization_by ON plan_authorization (tenant_id, payment_method_id) WHERE ended_at IS NULL;

CREATE TABLE plan_request (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  channel text CHECK (channel IN ('sms', 'email')),   -- null: nothing is sent
  recipient bytea,                    -- the address or number, sealed with the customer's key
  state text NOT NULL CHECK (state IN ('made', 'queued', 'sent', 'failed', 'cancelled')),
  due_at timestamptz,                 -- queued: when to send it
  fence bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES payment_plan (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
);

CREATE INDEX plan_request_of ON plan_request (tenant_id, plan_id);
CREATE INDEX plan_request_to ON plan_request (tenant_id, customer_id);
CREATE INDEX plan_request_due ON plan_request (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE settlement_offer (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  debt_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('one_time', 'plan')),
  balance bigint NOT NULL CHECK (balance > 0),        -- what was owed when it was made
  amount bigint NOT NULL CHECK (amount > 0),          -- what settles it
  max_instalments bigint NOT NULL CHECK (max_instalments > 0),
  expires_on date,                    -- its last day
  status text NOT NULL CHECK (status IN ('open', 'accepted', 'withdrawn')),
  plan_id uuid,                       -- accepted: by which plan
  reason text,                        -- withdrawn: why
  ended_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE INDEX settlement_offer_of ON settlement_offer (tenant_id, debt_id);
