-- One saved connection to one Auth0 tenant. Every key of every table starts with the organisation.
create table integrations (
    organisation_id text not null,
    id uuid not null,
    name text not null,
    api_identifier text not null,
    api_audience text not null,
    tenant_domain text not null,
    client_id text not null,
    client_secret_sealed bytea,
    client_secret_updated_at timestamptz not null,
    client_secret_expires_at timestamptz,
    asset_name text not null,
    auto_sync_frequency jsonb not null,
    enabled boolean not null,
    version bigint not null,
    paused_at timestamptz,
    failing_since timestamptz,
    failing_warned_at timestamptz,
    next_sync_at timestamptz,
    last_succeeded_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    constraint integrations_pkey primary key (organisation_id, id),
    constraint integrations_version_check check (version >= 1),
    constraint integrations_secret_check
        check ((deleted_at is null) = (client_secret_sealed is not null)),
    constraint integrations_next_sync_check
        check (next_sync_at is null or (enabled and paused_at is null and deleted_at is null))
);

comment on column integrations.tenant_domain is 'the audience''s host: the tenant''s identity';
comment on column integrations.client_secret_sealed is
    'version, key id, nonce, AES-256-GCM ciphertext; bound to table, row and column; null once deleted';
comment on column integrations.version is 'of the configuration: the ETag';
comment on column integrations.updated_at is 'when the configuration last changed';

create unique index integrations_asset_name_key
    on integrations (organisation_id, asset_name) where deleted_at is null;
create unique index integrations_tenant_client_key
    on integrations (organisation_id, tenant_domain, client_id) where deleted_at is null;
create index integrations_listed_idx on integrations (organisation_id, id) where deleted_at is null;
create index integrations_due_idx on integrations (next_sync_at) where next_sync_at is not null;
create index integrations_deleted_idx on integrations (deleted_at) where deleted_at is not null;
