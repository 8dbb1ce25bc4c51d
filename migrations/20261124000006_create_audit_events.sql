-- Who did what from where. Rows are only ever added.
create table audit_events (
    organisation_id text not null,
    sequence bigint generated always as identity,
    at timestamptz not null,
    actor_subject text not null,
    actor_email text not null,
    source_address inet,
    source_port integer,
    action text not null,
    target_id uuid,
    outcome text not null,
    request_id text not null,
    details jsonb not null,
    constraint audit_events_pkey primary key (organisation_id, sequence),
    constraint audit_events_outcome_check check (outcome in ('done', 'refused'))
);

create index audit_events_at_idx on audit_events (organisation_id, at);
