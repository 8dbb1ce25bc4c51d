-- Readiness tries whether the key ring opens the secrets that were set last.
create index integrations_secret_updated_idx on integrations (client_secret_updated_at desc)
    where client_secret_sealed is not null;
