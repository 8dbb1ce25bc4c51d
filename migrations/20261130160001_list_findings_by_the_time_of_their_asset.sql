-- The order by last_seen_at is read from both: the assets in the order of their evaluation with the findings of each,
-- and the other findings. Apart from the change before it: this reads the table, and saves and syncs wait meanwhile.
create index findings_seen_in_latest_idx on findings (organisation_id, asset_id, id) where seen_in_latest;
create index assets_evaluated_idx on assets (organisation_id, evaluated_at);
drop index findings_last_seen_idx;
create index findings_last_seen_idx on findings (organisation_id, last_seen_at desc, id) where not seen_in_latest;
