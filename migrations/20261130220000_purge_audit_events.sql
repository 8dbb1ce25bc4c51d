-- Audit events can be purged after their retention. What remains of an organisation's is a checkpoint: position and hash
-- of the last purged event, sealed by the service, from which the rest of the chain is verified.
create table audit_checkpoints (
    organisation_id text not null,
    seq bigint not null,
    hash bytea not null,
    sealed bytea not null,
    constraint audit_checkpoints_pkey primary key (organisation_id),
    constraint audit_checkpoints_hash_check check (length(hash) = 32)
);
comment on column audit_checkpoints.sealed is 'seq and hash, encrypted: whoever has only the database cannot make one';
select isolate_table('audit_checkpoints', 'select, update (sealed)', array['resealing']);

-- An event is deleted only once a checkpoint covers it; one older than the chain, only once it is old.
create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.seq is null and old.at < now() - interval '29 days' then
            return old;
        end if;
        if old.seq <= (select seq from audit_checkpoints where organisation_id = old.organisation_id) then
            return old;
        end if;
    end if;
    raise exception 'audit_events is append-only' using errcode = 'restrict_violation';
end
$$;

-- Organisations with events before this instant that may be purged. Runs as the owner of the tables.
create function organisations_with_audit_before(before timestamptz) returns setof text
language plpgsql security definer as $$
declare
    across constant text := coalesce(current_setting('safe_auth0.across', true), '');
begin
    if across <> 'purging' then
        raise insufficient_privilege using message = 'only the purge of audit events asks for their organisations';
    end if;
    perform set_config('safe_auth0.across', 'administration', true);
    return query
        with recursive every (id) as (
            (select e.organisation_id from audit_events e order by e.organisation_id limit 1)
            union all
            select (
                select e.organisation_id from audit_events e where e.organisation_id > every.id
                order by e.organisation_id limit 1
            )
            from every where every.id is not null
        )
        select every.id from every
        where exists (select from audit_events e where e.organisation_id = every.id
            and e.at < least(before, now() - interval '29 days'));
    perform set_config('safe_auth0.across', across, true);
end
$$;

-- Deletes the events of an organisation up to this position of its chain, and older ones from before the chain; leaves a
-- checkpoint. Returns how many were deleted. Serving may not delete events, so this runs as the owner of the tables, and
-- refuses recent events whoever calls it.
create function purge_audit_events(of text, before timestamptz, until_seq bigint, sealed_end bytea) returns bigint
language plpgsql security definer as $$
declare
    across constant text := coalesce(current_setting('safe_auth0.across', true), '');
    recent constant timestamptz := now() - interval '29 days';
    purged_until bigint;
    chained bigint := 0;
    unchained bigint;
begin
    if of is distinct from current_setting('safe_auth0.organisation_id', true) then
        raise insufficient_privilege using message = 'these are audit events of another organisation';
    end if;
    perform set_config('safe_auth0.across', 'administration', true);
    select seq into purged_until from audit_checkpoints where organisation_id = of for update;
    purged_until := coalesce(purged_until, 0);
    -- Otherwise another replica was faster.
    if until_seq > purged_until then
        if exists (
            select from audit_events
            where organisation_id = of and seq > purged_until and seq <= until_seq and at >= recent
        ) then
            raise exception 'audit events of the last 29 days are not purged' using errcode = 'restrict_violation';
        end if;
        insert into audit_checkpoints (organisation_id, seq, hash, sealed)
        select organisation_id, seq, hash, sealed_end from audit_events where organisation_id = of and seq = until_seq
        on conflict (organisation_id) do update
            set seq = excluded.seq, hash = excluded.hash, sealed = excluded.sealed;
        delete from audit_events where organisation_id = of and seq <= until_seq;
        get diagnostics chained = row_count;
    end if;
    delete from audit_events where ctid = any (array(
        select ctid from audit_events
        where organisation_id = of and seq is null and at < least(before, recent) limit 1000
    ));
    get diagnostics unchained = row_count;
    perform set_config('safe_auth0.across', across, true);
    return chained + unchained;
end
$$;

do $$
declare
    signature text;
begin
    foreach signature in array array[
        'organisations_with_audit_before(timestamptz)',
        'purge_audit_events(text, timestamptz, bigint, bytea)'
    ] loop
        execute format('alter function %s set search_path = %I, pg_temp', signature, current_schema());
        execute format('revoke execute on function %s from public', signature);
        execute format('grant execute on function %s to safe_auth0_serving', signature);
    end loop;
end
$$;

-- Old rows are found by block ranges, which cost nothing to maintain: both tables grow in the order of time.
create index syncs_queued_at_idx on syncs using brin (queued_at) with (autosummarize = on);
create index history_entries_started_at_idx on history_entries using brin (started_at) with (autosummarize = on);
