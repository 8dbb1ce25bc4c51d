-- Asset names that differ in case only are the same name. They are compared by a key that the service makes
-- (Unicode's lower case), because what Postgres' lower() knows depends on the cluster's locale. Of names that
-- were the same before, the oldest integration has the key; the others have none until they are renamed.
alter table integrations add column asset_name_key text;
comment on column integrations.asset_name_key is
    'asset_name as it is compared: trimmed, in lower case; null: another one had the name before it was compared so';

do $$
declare
    lowered text;
    backfill constant text := 'update integrations i set asset_name_key = named.key
        from (
            select organisation_id, id, %1$s as key, row_number() over (
                partition by organisation_id, deleted_at is null, %1$s order by created_at, id
            ) as place
            from integrations
        ) named
        where i.organisation_id = named.organisation_id and i.id = named.id and named.place = 1';
begin
    lowered := case
        when exists (select from pg_collation where collname = 'und-x-icu')
            then 'lower(btrim(asset_name) collate "und-x-icu")'
        else 'lower(btrim(asset_name))'
    end;
    execute format(backfill, lowered);
end
$$;

drop index integrations_asset_name_key;
create unique index integrations_asset_name_key
    on integrations (organisation_id, asset_name_key) where deleted_at is null;
