-- By which version of the policy a sync judged, and what of its effect on the findings is the policy's
-- alone. Null where that is not known: of syncs before this existed.
alter table sync_scores add column policy_version bigint;
alter table finding_transitions
    add column cause text,
    add constraint finding_transitions_cause_check check (cause in ('policy_changed'));

-- The latest is the one that saw the tenant last: ids are made when a sync is queued, each by the clock of
-- the replica that queues it.
create index sync_scores_seen_idx
    on sync_scores (organisation_id, asset_id, observed_at desc, sync_id desc);
create index sync_scores_last_seen_idx
    on sync_scores (organisation_id, integration_id, observed_at desc, sync_id desc);
drop index sync_scores_listed_idx;
drop index sync_scores_latest_idx;
