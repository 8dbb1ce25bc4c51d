-- Readiness opens one value of the service's own instead of the secrets of organisations.
create table key_canary (
    is_only boolean primary key default true check (is_only),
    sealed bytea not null
);
select isolate_table('key_canary', 'select, insert, update', array['probing', 'resealing']);
