-- The counts of an asset's open findings come from findings_asset_idx alone, without those that this index leads to.
create index findings_accepted_asset_idx on findings (organisation_id, asset_id) where accepted_at is not null;
