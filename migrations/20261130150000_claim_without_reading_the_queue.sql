-- A claim reads the syncs that wait longest, and one for each organisation where those may not run; never the queue.
drop index syncs_claim_idx;
create index syncs_queued_idx on syncs (not_before, id) where state = 'queued';
create index syncs_queued_by_organisation_idx on syncs (organisation_id, not_before, id) where state = 'queued';
create index syncs_running_idx on syncs (lease_until, id) where state = 'running';

-- The planner takes a comparison of a setting with a list for one that few rows pass, so it sorts whole tables. Of a
-- CASE it assumes that half of them pass.
do $$
declare
    found record;
begin
    for found in
        select polrelid::regclass as of, polname as name, pg_get_expr(polqual, polrelid) as condition
        from pg_policy
        where polname in ('across_organisations', 'looking_across_organisations')
            and polrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
    loop
        execute format('alter policy %I on %s using (case when %s then true else false end)',
            found.name, found.of, found.condition);
    end loop;
end
$$;
