-- Apart from the change before it, so that reading goes on while the index is built.
create index findings_priority_idx on findings (organisation_id, priority desc, id);
