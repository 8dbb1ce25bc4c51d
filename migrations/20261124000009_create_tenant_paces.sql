-- What was learned about the rate limit of an Auth0 tenant, for its next sync on whichever replica.
-- Belongs to the tenant, not to an organisation: all that call one tenant share its limit.
create table tenant_paces (
    tenant_domain text not null,
    bucket_size integer,
    closed_until timestamptz,
    updated_at timestamptz not null,
    constraint tenant_paces_pkey primary key (tenant_domain),
    constraint tenant_paces_bucket_size_check check (bucket_size > 0)
);
create index tenant_paces_updated_at_idx on tenant_paces (updated_at);
