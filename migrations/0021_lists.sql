-- Long lists of accounts by location and by status begin where they are asked to, in the order in which they are shown.

DROP INDEX debt_at;
CREATE INDEX debt_at ON debt (tenant_id, location_id, id);
CREATE INDEX debt_by_status ON debt (tenant_id, status, id);
