-- The service's own id of a request whose client chose the request id: two clients can choose the same.
alter table audit_events add column own_request_id text;
