-- Apart from the change before it: this reads the table and lets everyone write meanwhile.
alter table sync_events validate constraint sync_events_kind_check;
