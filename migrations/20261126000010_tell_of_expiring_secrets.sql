-- The followers of a sync are told, too, that its client secret is about to expire.
alter table sync_events
    drop constraint sync_events_kind_check,
    add constraint sync_events_kind_check check (kind in ('state', 'reading', 'secret_expires'));
