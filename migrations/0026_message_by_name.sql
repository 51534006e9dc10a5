-- Who asked for a message, and whether it waits for an hour that suits: both are asked again when it is about to be sent.

ALTER TABLE message ADD COLUMN by_name boolean NOT NULL DEFAULT false;   -- a person of the organization asked for just this one

ALTER TABLE message ADD COLUMN at_once boolean NOT NULL DEFAULT true;    -- it answers what somebody has just done, whatever the hour

UPDATE message SET by_name = true WHERE kind <> 'payment_receipt';

UPDATE message SET at_once = false WHERE kind = 'payment_plan_request';
