-- How often a sync changed what findings are sorted by. A cursor remembers it: once it is another, the pages
-- behind it would leave findings out or repeat them. New findings change nothing: they only come in between.
alter table assets
    add column seen_revision bigint not null default 0,
    add column severity_revision bigint not null default 0;

comment on column assets.seen_revision is 'syncs that changed last_seen_at of a finding that was there';
comment on column assets.severity_revision is 'syncs that changed the severity of a finding that was there';
