-- What the networks' rules make of a refusal, when a bank debit settles, and voids.

ALTER TABLE charge ADD COLUMN settles_on date;            -- pending bank debit: the banking day it is expected to settle on
ALTER TABLE charge ADD COLUMN decline_class text;         -- what kind of no it was
ALTER TABLE charge ADD COLUMN decline_retry text;         -- whether the same may be tried again
ALTER TABLE charge ADD COLUMN retry_at timestamptz;       -- not before this instant, where the network names one

-- Refusals are counted by method; what was paid is not in it.
CREATE INDEX charge_refused ON charge (tenant_id, payment_method_id, submitted_at) WHERE state IN ('declined', 'returned');

ALTER TABLE payment_method ADD COLUMN stopped_at timestamptz;    -- since when it is not charged any more
ALTER TABLE payment_method ADD COLUMN stopped_code text;         -- the network's code that stopped it
ALTER TABLE payment_method ADD COLUMN stopped_class text;
ALTER TABLE payment_method ADD COLUMN lifted_by text;            -- what lets it be charged again
ALTER TABLE payment_method ADD COLUMN retry_at timestamptz;      -- it is not charged before
ALTER TABLE payment_method ADD COLUMN watched_until timestamptz; -- until then its attempts are counted before one more
ALTER TABLE payment_method ADD COLUMN authorized_at timestamptz; -- when its holder last authorized it anew

-- What stops a card stops it wherever else in the tenant the same one is kept.
CREATE INDEX payment_method_by_fingerprint ON payment_method (tenant_id, fingerprint) WHERE fingerprint IS NOT NULL;

ALTER TABLE refund ADD COLUMN kind text NOT NULL DEFAULT 'refund' CHECK (kind IN ('refund', 'void'));
