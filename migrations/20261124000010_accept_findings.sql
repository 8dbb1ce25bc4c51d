-- A finding can be accepted. The acceptance lies beside what syncs write, so none of them touches it; it
-- is in force until it expires, whether or not somebody has noted that yet.
alter table findings
    add column acceptance_reason text,
    add column acceptance_rationale text,
    add column accepted_by text,
    add column accepted_at timestamptz,
    add column acceptance_expires_at timestamptz,
    add constraint findings_acceptance_check check (
        num_nulls(acceptance_reason, acceptance_rationale, accepted_by, accepted_at) in (0, 4)
        and (acceptance_expires_at is null or accepted_at is not null)
    ),
    add constraint findings_acceptance_reason_check
        check (acceptance_reason in ('compensating_controls', 'false_positive', 'wont_fix'));

create index findings_acceptance_expires_idx on findings (acceptance_expires_at)
    where acceptance_expires_at is not null;

alter table finding_transitions
    add column by_whom text,
    add column acceptance_reason text,
    add column acceptance_rationale text,
    add column acceptance_expires_at timestamptz,
    drop constraint finding_transitions_kind_check,
    add constraint finding_transitions_kind_check check (
        kind in ('opened', 'resolved', 'resource_gone', 'reopened', 'changed', 'accepted',
            'unaccepted', 'acceptance_expired')
    );

comment on column finding_transitions.by_whom is 'an e-mail or system; null for what a sync saw';

-- The score depends on what is accepted at the moment of asking, so what it is made of is kept. The
-- column score stays for the assets that no sync has judged since.
alter table assets add column score_basis jsonb;

comment on column assets.score is 'of assets without score_basis';
