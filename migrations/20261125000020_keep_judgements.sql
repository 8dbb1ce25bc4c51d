-- What a sync saw and how it was judged, kept once however often the same is seen again: for drift,
-- for coverage, and to be judged again by another policy. The instant is no part of it.
create table judgements (
    organisation_id text not null,
    integration_id uuid not null,
    digest bytea not null,
    snapshot jsonb,
    policy jsonb not null,
    results jsonb not null,
    created_at timestamptz not null,
    constraint judgements_pkey primary key (organisation_id, integration_id, digest),
    constraint judgements_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint judgements_digest_check check (octet_length(digest) = 32)
);

comment on column judgements.digest is 'SHA-256 of snapshot, policy and results, keys in order';
comment on column judgements.snapshot is 'without observed_at; null when it was too large to keep';

-- The trend: one small row for each successful sync.
create table sync_scores (
    organisation_id text not null,
    sync_id uuid not null,
    integration_id uuid not null,
    asset_id uuid not null,
    observed_at timestamptz not null,
    score smallint,
    coverage_percent smallint,
    findings_by_rank bigint[] not null,
    accepted bigint not null,
    checks jsonb not null,
    digest bytea,
    constraint sync_scores_pkey primary key (organisation_id, sync_id),
    constraint sync_scores_sync_fkey foreign key (organisation_id, sync_id)
        references syncs (organisation_id, id) on delete cascade,
    constraint sync_scores_integration_fkey foreign key (organisation_id, integration_id)
        references integrations (organisation_id, id) on delete cascade,
    constraint sync_scores_judgement_fkey foreign key (organisation_id, integration_id, digest)
        references judgements (organisation_id, integration_id, digest),
    constraint sync_scores_score_check check (score between 0 and 100),
    constraint sync_scores_coverage_percent_check check (coverage_percent between 0 and 100),
    constraint sync_scores_findings_check check (cardinality(findings_by_rank) = 5)
);

comment on column sync_scores.score is 'with what was accepted then';
comment on column sync_scores.findings_by_rank is 'open ones, the accepted left out: info, low, medium, high, critical';
comment on column sync_scores.digest is 'of the judgement; null once that is no longer kept for this sync';

create index sync_scores_listed_idx on sync_scores (organisation_id, asset_id, sync_id desc);
create index sync_scores_latest_idx on sync_scores (organisation_id, integration_id, sync_id desc);
create index sync_scores_judgement_idx on sync_scores (organisation_id, integration_id, digest)
    where digest is not null;
create index sync_scores_kept_idx on sync_scores (observed_at) where digest is not null;
create index sync_scores_observed_idx on sync_scores (observed_at);
