-- The events that have no place yet are found without reading them.

DROP INDEX event_unsequenced;

CREATE INDEX event_unsequenced ON event (id, tenant_id) WHERE seq IS NULL;
