-- Events were numbered over all organisations, so their ids told how busy the others are. Now each sync
-- counts its own from 1. Ids that were given out stay, and a sync under way goes on from its latest one.
alter table syncs add column last_event bigint not null default 0;
update syncs s set last_event = e.latest
from (select organisation_id, sync_id, max(id) as latest from sync_events group by 1, 2) e
where s.organisation_id = e.organisation_id and s.id = e.sync_id and s.state in ('queued', 'running');
alter table sync_events alter column id drop identity;

-- Whichever statement adds an event, the row of its sync is locked until that commits: a later number is
-- never seen before an earlier one.
create function number_sync_event() returns trigger language plpgsql as $$
begin
    update syncs set last_event = last_event + 1
    where organisation_id = new.organisation_id and id = new.sync_id
    returning last_event into new.id;
    return new;
end
$$;

create trigger sync_events_number before insert on sync_events
    for each row execute function number_sync_event();
