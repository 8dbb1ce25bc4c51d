-- The name of a finding's object, and its place among the findings of its tenant. The next sync sets them.
alter table findings
    add column object_name text,
    add column priority smallint not null default 0,
    add column ranking jsonb not null default '{}';
alter table assets add column priority_revision bigint not null default 0;
