"""The whole flow with the client that OpenAPI Generator generates for Python."""

import os

import openapi_client as api
from openapi_client import models


def client(**credentials):
    return api.ApiClient(api.Configuration(host=os.environ["API"], **credentials))


def fails(status, code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except api.ApiException as error:
        assert (error.status, error.data.code) == (status, code), error
        return error.data
    raise AssertionError(f"{call.__name__} succeeded")


admin = client(access_token=os.environ["TOKEN"])
integrations = api.IntegrationsApi(admin)

form = api.ConfigurationApi(admin).get_configuration_form()
assert next(field.name for field in form.fields if field.required) == "api_identifier"

new = models.IntegrationInput(
    api_identifier=os.environ["TENANT"],
    api_audience=os.environ["TENANT"],
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    auto_sync_frequency=models.AutoSyncFrequency(models.SyncSchedule(every="6h")),
)
assert api.ConfigurationApi(admin).test_connection(new).outcome == "connected"
unknown = new.model_copy(update={"client_secret": "not the secret"})
refused = fails(422, "connection_test_failed", integrations.create_integration, unknown)
assert [step.code for step in refused.connection_test.steps if step.status == "failed"] == ["invalid_client"]

saved = integrations.create_integration_with_http_info(new)
integration = saved.data
assert integration.auto_sync_frequency.actual_instance.every == "6h" and integration.last_sync is None
manual = models.IntegrationChanges(auto_sync_frequency=models.AutoSyncFrequency("manual"))
changed = integrations.update_integration(integration.id, saved.headers["etag"], manual)
assert changed.auto_sync_frequency.actual_instance == "manual" and changed.name == integration.name

sync = api.SyncsApi(admin).start_sync(integration.id, prefer="wait=60")
assert (sync.state, sync.stage) == ("succeeded", "completed") and sync.checks.failed > 0
assert b"event: reading" in api.SyncsApi(admin).stream_sync_events(sync.id)

history = api.HistoryApi(admin).list_history(integration.id)
assert [entry.action for entry in history.items] == ["sync", "update", "update"]
assert history.items[0].details.checks.failed == sync.checks.failed

findings, cursor = [], None
while not findings or cursor:
    severe = [models.Severity.CRITICAL, models.Severity.HIGH]
    page = api.FindingsApi(admin).list_findings(
        integration_id=[integration.id], severity=severe, sort="-severity", limit=2, cursor=cursor
    )
    findings, cursor = findings + page.items, page.next
assert len(findings) > 2 and {finding.severity for finding in findings} <= {"critical", "high"}

terms = models.AcceptanceInput(reason=models.AcceptanceReason.WONT_FIX, rationale="The tenant is switched off soon.")
accepted = api.FindingsApi(admin).accept_finding(findings[0].id, terms)
assert accepted.state == "accepted" and accepted.acceptance.reason == "wont_fix"
export = api.FindingsApi(admin).export_findings(integration_id=[integration.id])
assert len(export.splitlines()) >= len(findings)

assets = api.AssetsApi(admin)
asset = assets.list_assets(integration_id=[integration.id]).items[0]
assert assets.get_asset(asset.id).accepted_findings == 1
assert assets.get_drift(asset.id).var_from is None
assert integrations.get_coverage(integration.id).counts.failed == sync.checks.failed
plan = assets.get_plan(asset.id)
assert plan.score_after > plan.score_before
chosen = models.PlanPreviewInput(actions=[plan.actions[0].id])
assert assets.preview_plan(asset.id, chosen).after.score == plan.actions[0].score_after

policies = api.PolicyApi(admin)
before = policies.get_policy_with_http_info().headers["etag"]
strict = models.PolicyInput(thresholds={"brute-force-threshold-high": {"max_attempts": 8}})
after = policies.put_policy_with_http_info(before, strict).headers["etag"]
fails(412, "precondition_failed", policies.put_policy, before, models.PolicyInput())
policies.put_policy(after, models.PolicyInput())

credentials = api.CredentialsApi(admin)
credential = credentials.create_api_credential(models.ApiCredentialInput(name="Nightly", role=models.Role.VIEWER))
program = client(username=str(credential.id), password=credential.secret)
token = api.CredentialsApi(program).create_token("client_credentials")
viewer = api.IntegrationsApi(client(access_token=token.access_token))
assert viewer.get_integration(integration.id).id == integration.id
fails(403, "forbidden", viewer.delete_integration, integration.id)
credentials.revoke_api_credential(credential.id)

audit = api.AuditApi(admin).list_audit(action=["create_integration", "delete_integration"])
assert {"done", "denied"} <= {event.outcome for event in audit.items}
assert "http_requests_total" in api.ServiceApi(client()).metrics()

integrations.delete_integration(integration.id)
assert integrations.get_integration(integration.id).state == "deleted"

# A value that is added later.
finding = findings[0].to_dict() | {"id": str(findings[0].id), "severity": "unheard_of", "unheard_of": 1}
finding = models.Finding.from_dict(finding)
assert finding.severity == "unheard_of"
print("ok")
