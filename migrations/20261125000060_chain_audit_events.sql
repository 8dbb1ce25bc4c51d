-- Chains the audit of each organisation by hashes, and makes its rows immutable. Rows from before
-- stay outside the chain, recognisable by having no `seq`: the chain begins with the first row after.
alter table audit_events
    add column seq bigint,
    add column previous_hash bytea,
    add column hash bytea;

-- `denied`: the caller may not. `refused`: the caller may, and the request could not be done.
alter table audit_events
    drop constraint audit_events_outcome_check,
    add constraint audit_events_outcome_check check (outcome in ('done', 'refused', 'denied')),
    add constraint audit_events_chained_check
        check (seq is not null and length(previous_hash) = 32 and length(hash) = 32) not valid;

create unique index audit_events_seq_key on audit_events (organisation_id, seq);

-- The end of each chain, apart from its rows, so that rows missing at the end are noticed. Locked
-- by whoever adds rows, as the last lock of its transaction.
create table audit_heads (
    organisation_id text not null,
    seq bigint not null,
    hash bytea not null,
    constraint audit_heads_pkey primary key (organisation_id),
    constraint audit_heads_hash_check check (length(hash) = 32)
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append-only' using errcode = 'restrict_violation';
end
$$;

create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_audit_change();
create trigger audit_events_no_truncate before truncate on audit_events
    for each statement execute function refuse_audit_change();
