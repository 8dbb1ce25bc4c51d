-- The policies compare with the setting itself and not with a sub-select: the planner then knows how large the
-- organisation is, and reads one page by an index instead of sorting all of its findings.

do $$
declare
    found record;
begin
    for found in
        select polrelid::regclass as of, polname as name, pg_get_expr(polqual, polrelid) as condition
        from pg_policy
        where polname in ('own_organisation', 'across_organisations', 'looking_across_organisations')
            and polrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
    loop
        execute format('alter policy %I on %s using (%s)', found.name, found.of,
            regexp_replace(found.condition, '\( SELECT (current_setting\([^()]*\)) AS current_setting\)', '\1'));
    end loop;
    if exists (
        select from pg_policy
        where polname in ('own_organisation', 'across_organisations', 'looking_across_organisations')
            and pg_get_expr(polqual, polrelid) ~ 'SELECT'
            and polrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
    ) then
        raise 'a policy still compares with a sub-select';
    end if;
end
$$;

create or replace function isolate_table(of regclass, may text, across text[] default '{}') returns void
language plpgsql as $$
declare
    looking constant text[] :=
        array(select split_part(each, ':', 1) from unnest(across) as each where each like '%:select');
    acting constant text[] := array(select each from unnest(across) as each where each not like '%:%');
begin
    if cardinality(looking) + cardinality(acting) <> cardinality(across) then
        raise 'a reason is <name> or <name>:select, not %', across;
    end if;
    execute format('grant %s on %s to safe_auth0_serving', may, of);
    execute format('alter table %s enable row level security, force row level security', of);
    if exists (
        select from pg_attribute
        where attrelid = of and attname = 'organisation_id' and not attisdropped
    ) then
        execute format('create policy own_organisation on %s using ('
            'organisation_id = current_setting(''safe_auth0.organisation_id'', true))', of);
    end if;
    if acting <> '{}' then
        execute format('create policy across_organisations on %s using ('
            'current_setting(''safe_auth0.across'', true) = any (%L::text[]))', of, acting);
    end if;
    if looking <> '{}' then
        execute format('create policy looking_across_organisations on %s for select using ('
            'current_setting(''safe_auth0.across'', true) = any (%L::text[]))', of, looking);
    end if;
    -- Forcing binds the owner too, which migrations and dumps cannot do with.
    execute format('create policy administration on %s to current_user using ('
        '(select current_setting(''safe_auth0.across'', true)) = ''administration'')', of);
end
$$;
revoke execute on function isolate_table from public;

-- A list by severity is read as one range for each severity, ties by id: of all, of one check, of one state, of what
-- is accepted. One index serves both directions.
drop index findings_worst_first_idx;
alter index findings_mildest_first_idx rename to findings_severity_idx;
drop index findings_check_idx;
create index findings_check_idx on findings (organisation_id, check_id, severity_rank, id);
create index findings_state_idx on findings (organisation_id, state, severity_rank, id);
create index findings_accepted_idx on findings (organisation_id, severity_rank, id)
    where accepted_at is not null;
