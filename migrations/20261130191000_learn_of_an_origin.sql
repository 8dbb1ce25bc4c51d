-- What was learned about the rate limit of an origin that was called, and by which organisation. Replaces tenant_paces,
-- which was keyed by the host of the audience; that table stays until no replica of an older version writes it.
create table origin_paces (
    api_identifier text not null,
    reported_by text not null,
    bucket_size integer,
    closed_until timestamptz,
    updated_at timestamptz not null,
    constraint origin_paces_pkey primary key (api_identifier, reported_by),
    constraint origin_paces_bucket_size_check check (bucket_size > 0)
);
create index origin_paces_updated_at_idx on origin_paces (updated_at);
select isolate_table(
    'origin_paces', 'select, insert, update, delete', array['claiming', 'pacing', 'purging']);
