-- The log of a sync names the request that asked for it, on whichever replica it runs. Scheduled ones
-- have none.
alter table syncs add column request_id text;
