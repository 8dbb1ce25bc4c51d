-- Postgres itself keeps organisations apart, also under a query that forgot its WHERE. Every transaction
-- of the service begins by becoming the role safe_auth0_serving and by naming its organisation, or one of
-- the reasons to work across them (crates/store/src/scope.rs); without either it sees no row.

-- The role belongs to the whole cluster: another database may have made it, or make it just now.
do $$
declare
    advice constant text := format('an administrator must first run: create role safe_auth0_serving; '
        'grant safe_auth0_serving to %I;', current_user);
    set_or_member constant text :=
        case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
begin
    begin
        if not exists (select from pg_roles where rolname = 'safe_auth0_serving') then
            create role safe_auth0_serving nologin;
        end if;
    exception
        when duplicate_object or unique_violation then null;
        when insufficient_privilege then
            raise insufficient_privilege using message = advice;
    end;
    -- Whoever migrates may serve as well: then one login is enough.
    for attempt in reverse 9..0 loop
        exit when pg_has_role('safe_auth0_serving', set_or_member);
        begin
            execute format('grant safe_auth0_serving to %I', current_user);
        exception
            when insufficient_privilege then
                raise insufficient_privilege using message = advice;
            when internal_error or unique_violation then
                -- "tuple concurrently updated", by another database of the cluster.
                if attempt = 0 then
                    raise;
                end if;
                perform pg_sleep(0.1);
        end;
    end loop;
    execute format('grant usage on schema %I to safe_auth0_serving', current_schema());
end
$$;

-- What a migration calls for each table that it makes. `may` is what serving may do with it; `across`
-- the reasons for which it may do so with the rows of every organisation; of these `<reason>:select` may only
-- look. A table that was forgotten can be used by nobody.
create function isolate_table(of regclass, may text, across text[] default '{}') returns void
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
        -- A sub-select is evaluated once for each statement; the bare call would be for each row.
        execute format('create policy own_organisation on %s using (organisation_id = '
            '(select current_setting(''safe_auth0.organisation_id'', true)))', of);
    end if;
    if acting <> '{}' then
        execute format('create policy across_organisations on %s using ('
            '(select current_setting(''safe_auth0.across'', true)) = any (%L::text[]))', of, acting);
    end if;
    if looking <> '{}' then
        execute format('create policy looking_across_organisations on %s for select using ('
            '(select current_setting(''safe_auth0.across'', true)) = any (%L::text[]))', of, looking);
    end if;
    -- Forcing binds the owner too, which migrations and dumps cannot do with.
    execute format('create policy administration on %s to current_user using ('
        '(select current_setting(''safe_auth0.across'', true)) = ''administration'')', of);
end
$$;
revoke execute on function isolate_table from public;

do $$
declare
    across constant jsonb := '{
        "integrations": ["claiming", "scheduling", "giving_up", "purging", "reminding", "resealing"],
        "syncs": ["claiming", "leasing", "scheduling", "giving_up", "purging"],
        "sync_events": ["claiming", "leasing", "scheduling", "giving_up", "purging"],
        "history_entries": ["claiming", "leasing", "scheduling", "giving_up", "purging", "reminding"],
        "findings": ["expiring_acceptances", "purging"],
        "finding_transitions": ["expiring_acceptances", "purging"],
        "idempotency_keys": ["purging"],
        "judgements": ["purging"],
        "sync_scores": ["purging"],
        "api_credentials": ["authenticating:select", "purging"],
        "api_tokens": ["authenticating:select", "purging"]
    }';
    may constant jsonb := '{
        "assets": "select, insert, update",
        "findings": "select, insert, update",
        "audit_events": "select, insert",
        "audit_heads": "select, insert, update",
        "policies": "select, insert, update"
    }';
    found record;
begin
    for found in
        select c.oid::regclass as of, c.relname as name from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and not a.attisdropped
        order by c.relname
    loop
        perform isolate_table(
            found.of,
            coalesce(may ->> found.name, 'select, insert, update, delete'),
            array(select jsonb_array_elements_text(across -> found.name))
        );
    end loop;
end
$$;

-- Of no organisation, but it tells which tenants there are.
select isolate_table(
    'tenant_paces', 'select, insert, update, delete', array['claiming', 'pacing', 'purging']);

grant select on _sqlx_migrations to safe_auth0_serving;
