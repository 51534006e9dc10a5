-- What each environment of an organization decides for itself: how it appears, where customers may be sent back to,
-- how they may pay, and how they are looked up. The organization keeps its name for those who run the server.

CREATE TABLE setting (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  name text NOT NULL,                 -- as customers see it
  time_zone text NOT NULL,            -- an IANA name
  week_start bigint NOT NULL,         -- 1 Monday … 7 Sunday
  logo_url text,
  primary_color text,
  website_url text,
  privacy_url text,
  support_email text,
  support_phone text,
  support_hours text,
  allowed_origins text NOT NULL,      -- space-separated; where customers may be sent back to
  payment_rules text NOT NULL,        -- JSON; what differs from the defaults
  lookup_flows text NOT NULL,         -- space-separated; those that are on
  lookup_failures_a_day bigint NOT NULL,
  updated_at timestamptz NOT NULL
);

INSERT INTO setting (tenant_id, name, time_zone, week_start, allowed_origins, payment_rules, lookup_flows, lookup_failures_a_day, updated_at)
SELECT tenant.id, organization.name, organization.time_zone, organization.week_start, '', '{}',
       'phone_ssn_last4 phone_date_of_birth phone_postal_code first_name_last_name_ssn_last4 first_name_last_name_date_of_birth',
       1000, tenant.created_at
FROM tenant JOIN organization ON organization.id = tenant.organization_id;

ALTER TABLE organization DROP COLUMN time_zone;

ALTER TABLE organization DROP COLUMN week_start;
