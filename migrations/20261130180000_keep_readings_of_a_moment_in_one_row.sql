-- The readings that end at the same moment are one row, a list: a sync reads up to thirty resources, most of them at
-- once. Each is still an event with a number of its own; the row has the last one's.
alter table sync_events drop constraint sync_events_kind_check,
    add constraint sync_events_kind_check check (kind in ('state', 'reading', 'readings', 'secret_expires')) not valid;

create or replace function number_sync_event() returns trigger language plpgsql as $$
begin
    update syncs set last_event = last_event
        + case when new.kind = 'readings' then jsonb_array_length(new.body) else 1 end
    where organisation_id = new.organisation_id and id = new.sync_id
    returning last_event into new.id;
    return new;
end
$$;

-- Large values are stored apart, so that a sync that changes none of them does not write them again.
alter table assets set (toast_tuple_target = 256);
