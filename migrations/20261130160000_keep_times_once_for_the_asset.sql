-- A sync that sees a finding again writes the time once, in the asset. Otherwise every sync would rewrite every finding
-- and all of its index entries.
alter table findings
    add column seen_in_latest boolean not null default false,
    add column evaluated_in_latest boolean not null default false;

comment on column findings.seen_in_latest is 'last_seen_at is evaluated_at of the asset, whatever the column says';
comment on column findings.evaluated_in_latest is 'last_evaluated_at is evaluated_at of the asset, whatever the column says';

update findings f
set seen_in_latest = f.last_seen_at = a.evaluated_at, evaluated_in_latest = true
from assets a
where a.organisation_id = f.organisation_id and a.id = f.asset_id and f.last_evaluated_at = a.evaluated_at;

-- The order by last_seen_at is read from both: the assets in the order of their evaluation with the findings of each,
-- and the other findings.
drop index findings_last_seen_idx;
create index findings_last_seen_idx on findings (organisation_id, last_seen_at desc, id) where not seen_in_latest;
create index findings_seen_in_latest_idx on findings (organisation_id, asset_id, id) where seen_in_latest;
create index assets_evaluated_idx on assets (organisation_id, evaluated_at);
