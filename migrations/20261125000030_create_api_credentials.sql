-- What a program of an organisation calls with: an id, a secret kept as a hash, and the short-lived
-- tokens that it gets for them, kept as a hash too.
create table api_credentials (
    organisation_id text not null,
    id uuid not null,
    name text not null,
    role text not null,
    secret_hash bytea not null,
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_credentials_pkey primary key (organisation_id, id),
    constraint api_credentials_role_check check (role in ('admin', 'viewer'))
);

comment on column api_credentials.secret_hash is 'format, salt and Argon2id hash';
comment on column api_credentials.last_used_at is 'when it last got a token';

-- A caller who shows a credential or a token has not said yet to which organisation it belongs.
create index api_credentials_id_idx on api_credentials (id);
create index api_credentials_dead_idx on api_credentials (least(expires_at, revoked_at));

create table api_tokens (
    organisation_id text not null,
    hash bytea not null,
    credential_id uuid not null,
    subject text not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    constraint api_tokens_pkey primary key (organisation_id, hash),
    constraint api_tokens_credential_fkey foreign key (organisation_id, credential_id)
        references api_credentials (organisation_id, id) on delete cascade,
    constraint api_tokens_hash_check check (octet_length(hash) = 32)
);

comment on column api_tokens.hash is 'SHA-256 of the token';

create index api_tokens_hash_idx on api_tokens (hash);
create index api_tokens_credential_idx on api_tokens (organisation_id, credential_id, issued_at);
create index api_tokens_expires_idx on api_tokens (expires_at);
