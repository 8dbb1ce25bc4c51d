-- What the followers of a sync are told, in order. A trigger notes each change of state, whichever
-- statement makes it, so that none can be forgotten; readings are noted by the worker.
create table sync_events (
    organisation_id text not null,
    sync_id uuid not null,
    id bigint generated always as identity,
    at timestamptz not null,
    kind text not null,
    body jsonb not null,
    constraint sync_events_pkey primary key (organisation_id, sync_id, id),
    constraint sync_events_sync_fkey foreign key (organisation_id, sync_id)
        references syncs (organisation_id, id) on delete cascade,
    constraint sync_events_kind_check check (kind in ('state', 'reading'))
);
create index sync_events_at_idx on sync_events (at);

create function note_sync_state() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' or new.state <> old.state or new.attempts <> old.attempts then
        insert into sync_events (organisation_id, sync_id, at, kind, body)
        values (
            new.organisation_id, new.id,
            coalesce(new.finished_at, new.started_at, new.queued_at), 'state',
            jsonb_build_object('state', new.state, 'attempts', new.attempts)
        );
    end if;
    return null;
end
$$;

create trigger syncs_note_state after insert or update of state, attempts on syncs
    for each row execute function note_sync_state();
