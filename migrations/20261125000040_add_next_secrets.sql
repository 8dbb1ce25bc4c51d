-- A next client secret waits until Auth0 refuses the present one. And who is told how near the end of a
-- secret is, is told once, whatever replicas run.
alter table integrations
    add column next_client_secret_sealed bytea,
    add column next_client_secret_expires_at timestamptz,
    add column secret_reminded_days smallint,
    add constraint integrations_next_secret_check check (
        (deleted_at is null or next_client_secret_sealed is null)
        and (next_client_secret_expires_at is null or next_client_secret_sealed is not null)
    );

comment on column integrations.next_client_secret_sealed is
    'sealed as client_secret_sealed is; bound to this column';
comment on column integrations.secret_reminded_days is
    'the last reminder of the secret''s expiry that was told, in days ahead; null: none of this expiry';

create index integrations_expiring_idx on integrations (client_secret_expires_at)
    where deleted_at is null and client_secret_expires_at is not null
        and secret_reminded_days is distinct from 0;
create index integrations_reminded_idx on integrations (secret_reminded_days)
    where deleted_at is null and secret_reminded_days is not null;
