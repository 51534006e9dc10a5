-- What was found by reading all rows of a tenant, or of the house, is found by an index.

CREATE INDEX refund_review ON refund (tenant_id) WHERE review;
CREATE INDEX txn_by ON txn (tenant_id, customer_id);
CREATE INDEX location_below ON location (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX debt_location_of ON debt_location (tenant_id, location_id);
