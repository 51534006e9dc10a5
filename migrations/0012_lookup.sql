-- Customers are looked up by what identifies and what proves them in one index, so that somebody unknown and somebody
-- whose proof does not hold are the same work; and failures are counted, for each identifier and for all of a tenant's.

ALTER TABLE customer ADD COLUMN phone_ssn_index bytea;

ALTER TABLE customer ADD COLUMN phone_birth_index bytea;

ALTER TABLE customer ADD COLUMN name_ssn_index bytea;

ALTER TABLE customer ADD COLUMN name_birth_index bytea;

ALTER TABLE customer ADD COLUMN lookup_version bigint;   -- null: these indexes are still to be made

ALTER TABLE address ADD COLUMN phone_postal_index bytea; -- of the customer's phone and this postal code

CREATE INDEX customer_by_phone_ssn ON customer (tenant_id, phone_ssn_index) WHERE phone_ssn_index IS NOT NULL;

CREATE INDEX customer_by_phone_birth ON customer (tenant_id, phone_birth_index) WHERE phone_birth_index IS NOT NULL;

CREATE INDEX customer_by_name_ssn ON customer (tenant_id, name_ssn_index) WHERE name_ssn_index IS NOT NULL;

CREATE INDEX customer_by_name_birth ON customer (tenant_id, name_birth_index) WHERE name_birth_index IS NOT NULL;

CREATE INDEX address_by_phone_postal ON address (tenant_id, phone_postal_index) WHERE phone_postal_index IS NOT NULL;

CREATE INDEX customer_unindexed ON customer (id, tenant_id) WHERE lookup_version IS NULL AND data_key IS NOT NULL;

CREATE TABLE lookup_count (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  subject bytea,                      -- blind index of a phone or a name; null: all of the tenant's together
  is_all boolean NOT NULL,
  hour_began_at timestamptz NOT NULL,
  hour bigint NOT NULL,               -- failures since then
  day_began_at timestamptz NOT NULL,
  day bigint NOT NULL,
  in_a_row bigint NOT NULL,           -- failures since the last success
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX lookup_count_of ON lookup_count (tenant_id, subject) WHERE subject IS NOT NULL;

CREATE UNIQUE INDEX lookup_count_of_all ON lookup_count (tenant_id) WHERE is_all;
