-- The first answer to a request that carried an Idempotency-Key, to be given again.
create table idempotency_keys (
    organisation_id text not null,
    subject text not null,
    method text not null,
    path text not null,
    key text not null,
    fingerprint bytea not null,
    locked_until timestamptz not null,
    status smallint,
    headers jsonb,
    body bytea,
    expires_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (organisation_id, subject, method, path, key),
    constraint idempotency_keys_answer_check
        check ((status is null) = (headers is null) and (status is null) = (body is null))
);

comment on column idempotency_keys.fingerprint is 'keyed MAC of the request body';
comment on column idempotency_keys.status is 'null while the first request still runs';
comment on column idempotency_keys.locked_until is
    'the first request is taken for dead after this instant, and a repeat runs in its place';

create index idempotency_keys_expired_idx on idempotency_keys (expires_at);
