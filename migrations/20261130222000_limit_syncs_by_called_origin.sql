-- One limit for whoever is really called. The audience, which older versions counted by, is for the caller to choose: it
-- could name a tenant of somebody else, whose syncs then waited.
comment on column syncs.tenant_domain is
    'the API Identifier that is called, which has one rate limit; the audience''s host in rows of older versions';
update syncs s set tenant_domain = i.api_identifier
from integrations i
where i.organisation_id = s.organisation_id and i.id = s.integration_id and s.state = 'queued';
