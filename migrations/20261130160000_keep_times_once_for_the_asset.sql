-- A sync that sees a finding again writes the time once, in the asset. Otherwise every sync would rewrite every finding
-- and all of its index entries. The findings that are there are marked by their next sync.
alter table findings
    add column seen_in_latest boolean not null default false,
    add column evaluated_in_latest boolean not null default false;

comment on column findings.seen_in_latest is 'last_seen_at is evaluated_at of the asset, whatever the column says';
comment on column findings.evaluated_in_latest is 'last_evaluated_at is evaluated_at of the asset, whatever the column says';
