-- An organization's logo, kept here so that its pages ask nobody else for it, and its own texts on them.

CREATE TABLE organization_logo (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  name text NOT NULL,               -- made of what is in it
  content bytea NOT NULL,
  created_at timestamptz NOT NULL
);

ALTER TABLE setting ADD COLUMN logo text;

ALTER TABLE setting ADD COLUMN portal_texts text NOT NULL DEFAULT '{}';
