-- One check failing on one resource of one integration, and every change in its life.
create table findings (
    organisation_id text not null,
    id uuid not null,
    integration_id uuid not null,
    asset_id uuid not null,
    check_id text not null,
    resource text not null,
    check_version integer not null,
    title text not null,
    severity_rank smallint not null,
    state text not null,
    result text not null,
    result_reason text,
    evidence jsonb not null,
    change jsonb,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    last_evaluated_at timestamptz not null,
    open_since timestamptz not null,
    resolved_at timestamptz,
    reopen_count integer not null,
    constraint findings_pkey primary key (organisation_id, id),
    constraint findings_identity_key unique (organisation_id, integration_id, check_id, resource),
    constraint findings_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint findings_asset_fkey foreign key (organisation_id, asset_id)
        references assets (organisation_id, id) on delete cascade,
    constraint findings_severity_rank_check check (severity_rank between 0 and 4),
    constraint findings_state_check check (state in ('open', 'resolved')),
    constraint findings_result_check
        check (result in ('pass', 'fail', 'unknown', 'not_applicable')),
    constraint findings_resolved_check check ((state = 'resolved') = (resolved_at is not null))
);

comment on column findings.severity_rank is '0 info, 1 low, 2 medium, 3 high, 4 critical';
comment on column findings.evidence is 'of the last failing evaluation';

-- The sort orders of the list; ties always go by id upwards. The worst come first by the rank turned
-- round, so that a page begins in the index where the last one ended. Sorting a time upwards reads
-- its index backwards and orders the few findings of one instant by itself.
create index findings_worst_first_idx on findings (organisation_id, (4 - severity_rank), id);
create index findings_mildest_first_idx on findings (organisation_id, severity_rank, id);
create index findings_last_seen_idx on findings (organisation_id, last_seen_at desc, id);
create index findings_first_seen_idx on findings (organisation_id, first_seen_at desc, id);
create index findings_asset_idx on findings (organisation_id, asset_id, state, severity_rank);
create index findings_check_idx on findings (organisation_id, check_id);

create table finding_transitions (
    organisation_id text not null,
    id uuid not null,
    finding_id uuid not null,
    kind text not null,
    at timestamptz not null,
    sync_id uuid,
    before jsonb not null,
    after jsonb not null,
    constraint finding_transitions_pkey primary key (organisation_id, id),
    constraint finding_transitions_finding_fkey foreign key (organisation_id, finding_id)
        references findings (organisation_id, id) on delete cascade,
    constraint finding_transitions_kind_check
        check (kind in ('opened', 'resolved', 'resource_gone', 'reopened', 'changed'))
);

create index finding_transitions_listed_idx
    on finding_transitions (organisation_id, finding_id, at desc, id desc);
