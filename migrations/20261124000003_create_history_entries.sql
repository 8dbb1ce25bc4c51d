-- The rows of SAFE's History table.
create table history_entries (
    organisation_id text not null,
    id uuid not null,
    integration_id uuid not null,
    action text not null,
    started_at timestamptz not null,
    started_by text not null,
    status text not null,
    stage text not null,
    error text,
    message text not null,
    last_completed_at timestamptz,
    sync_id uuid,
    details jsonb not null,
    constraint history_entries_pkey primary key (organisation_id, id),
    constraint history_entries_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint history_entries_sync_fkey foreign key (organisation_id, sync_id)
        references syncs (organisation_id, id) on delete cascade,
    constraint history_entries_action_check
        check (action in ('test_connection', 'update', 'sync')),
    constraint history_entries_status_check
        check (status in ('in_progress', 'success', 'failed')),
    constraint history_entries_stage_check
        check (stage in ('started', 'in_progress', 'completed', 'failed'))
);

create unique index history_entries_sync_key
    on history_entries (organisation_id, sync_id) where sync_id is not null;
create index history_entries_listed_idx
    on history_entries (organisation_id, integration_id, id desc);
