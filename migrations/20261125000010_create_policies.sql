-- What an organisation wants judged otherwise than the catalogue does: one row for each that said so.
create table policies (
    organisation_id text not null,
    version bigint not null,
    policy jsonb not null,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint policies_pkey primary key (organisation_id),
    constraint policies_version_check check (version > 0)
);

comment on table policies is 'an organisation without a row has version 0 and an empty policy';
comment on column policies.updated_by is 'an e-mail';
