-- The followers of a sync are told, too, that its client secret is about to expire. What was there
-- meets the wider check, so it need not be looked through while nobody can write.
alter table sync_events
    drop constraint sync_events_kind_check,
    add constraint sync_events_kind_check check (kind in ('state', 'reading', 'secret_expires'))
        not valid;
