-- Holds ("blocks"): why a customer, an account or a payment method may not be used as usual, from when to when, and
-- everything that ever happened to one. Lifting never erases.

CREATE TABLE hold (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  debt_id uuid,                       -- only this account; with the accounts under it
  payment_method_id uuid,             -- only this method
  reason text NOT NULL,
  note bytea,
  evidence bytea,
  source text NOT NULL,
  placed_by text NOT NULL,
  reviewer text,
  review_on date,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  lifted_at timestamptz,
  lifted_by text,
  lift_reason bytea,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_method_id) REFERENCES payment_method (tenant_id, id)
);

CREATE INDEX hold_in_force ON hold (tenant_id, customer_id) WHERE lifted_at IS NULL;

CREATE INDEX hold_of ON hold (tenant_id, customer_id);

-- Append only.
CREATE TABLE hold_change (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  hold_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  what text NOT NULL CHECK (what IN ('placed', 'changed', 'lifted')),
  by_whom text NOT NULL,
  body bytea NOT NULL,                -- the hold as it was then
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, hold_id) REFERENCES hold (tenant_id, id)
);

CREATE INDEX hold_change_of ON hold_change (tenant_id, hold_id);

-- Who pays, where it is not the customer: a hold may let only the trustee or the estate.
ALTER TABLE charge ADD COLUMN payer text NOT NULL DEFAULT 'customer';
