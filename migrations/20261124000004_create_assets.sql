-- A tenant as SAFE shows it: one for each integration, since its first successful sync.
create table assets (
    organisation_id text not null,
    id uuid not null,
    integration_id uuid not null,
    name text not null,
    tenant_domain text not null,
    score smallint,
    coverage_percent smallint,
    unknown_checks jsonb not null,
    active_users_30d bigint,
    logins_30d bigint,
    evaluated_at timestamptz not null,
    sync_id uuid not null,
    constraint assets_pkey primary key (organisation_id, id),
    constraint assets_integration_key unique (organisation_id, integration_id),
    constraint assets_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint assets_score_check check (score between 0 and 100),
    constraint assets_coverage_percent_check check (coverage_percent between 0 and 100)
);

comment on column assets.sync_id is 'the sync that last wrote this row';
