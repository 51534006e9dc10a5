-- Plans that run: which instalment a charge pays, when each was last sent out, how many payments failed in a row, what a
-- settlement forgave in the end, and how much is caught up on at a time.

ALTER TABLE charge ADD COLUMN instalment_id uuid;            -- the instalment of a plan that it pays
ALTER TABLE instalment ADD COLUMN presented_at timestamptz;  -- when a charge for it was last made
ALTER TABLE instalment ADD COLUMN refused bigint NOT NULL DEFAULT 0;  -- how many of its presentments were refused
ALTER TABLE instalment ADD COLUMN remind_at timestamptz;     -- when its customer is told of it before
ALTER TABLE payment_plan ADD COLUMN failures bigint NOT NULL DEFAULT 0;  -- payments that failed for good, one after the other
ALTER TABLE payment_plan ADD COLUMN breaks_at timestamptz;   -- when it breaks, unless a payment succeeds before

CREATE INDEX instalment_remind ON instalment (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX payment_plan_breaks ON payment_plan (breaks_at) WHERE breaks_at IS NOT NULL;

-- What a settlement that was paid to its end took off each account.
CREATE TABLE plan_forgiveness (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  forgiven_at timestamptz NOT NULL,
  undone_at timestamptz,              -- its last payment came back
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES payment_plan (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE INDEX plan_forgiveness_of ON plan_forgiveness (tenant_id, plan_id);

-- How many late instalments were sent out in a minute.
CREATE TABLE plan_catch_up (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  minute bigint NOT NULL,             -- since 1970
  presented bigint NOT NULL
);
