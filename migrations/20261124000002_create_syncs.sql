-- One reading of a tenant; also the queue: a queued row is a job, a lease says who runs it.
create table syncs (
    organisation_id text not null,
    id uuid not null,
    integration_id uuid not null,
    tenant_domain text not null,
    state text not null,
    trigger text not null,
    started_by text not null,
    queued_at timestamptz not null,
    not_before timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    attempts integer not null,
    result jsonb not null,
    lease_token uuid,
    lease_until timestamptz,
    constraint syncs_pkey primary key (organisation_id, id),
    constraint syncs_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint syncs_state_check
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    constraint syncs_trigger_check check (trigger in ('on_demand', 'scheduled')),
    constraint syncs_attempts_check check (attempts >= 0),
    constraint syncs_lease_check check (
        (state = 'running') = (lease_token is not null)
        and (lease_token is null) = (lease_until is null)
    ),
    constraint syncs_finished_check
        check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
);

comment on column syncs.lease_token is 'fences off a worker that lost its lease: only its bearer may finish the sync';
comment on column syncs.lease_until is 'after this instant another worker may take the sync over';

create unique index syncs_active_key
    on syncs (organisation_id, integration_id) where state in ('queued', 'running');
create index syncs_claim_idx on syncs (not_before, id) where state in ('queued', 'running');
comment on column syncs.tenant_domain is 'one rate limit: syncs of one tenant run one after the other, on any replica';
comment on column syncs.not_before is 'spreads the scheduled syncs of one minute';
create unique index syncs_lease_token_key on syncs (lease_token) where lease_token is not null;
create index syncs_latest_idx on syncs (organisation_id, integration_id, id desc);
