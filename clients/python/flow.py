"""The whole flow with the client that openapi-python-client generates."""

import os
from base64 import b64encode
from datetime import UTC, datetime, timedelta

from safe_auth0 import AuthenticatedClient
from safe_auth0.api.assets import get_asset, get_drift, get_plan, list_assets, preview_plan
from safe_auth0.api.audit import list_audit
from safe_auth0.api.configuration import get_configuration_form, test_connection
from safe_auth0.api.credentials import create_api_credential, create_token, revoke_api_credential
from safe_auth0.api.findings import accept_finding, export_findings, list_findings
from safe_auth0.api.history import list_history
from safe_auth0.api.integrations import (
    create_integration,
    delete_integration,
    get_coverage,
    get_integration,
    update_integration,
)
from safe_auth0.api.policy import get_policy, put_policy
from safe_auth0.api.syncs import start_sync, stream_sync_events
from safe_auth0.models import (
    AcceptanceReason,
    FindingState,
    IntegrationChanges,
    ListFindingsSort,
    AcceptanceInput,
    ApiCredentialInput,
    IntegrationInput,
    PlanPreviewInput,
    PolicyInput,
    TokenInput,
    Problem,
    Role,
    Severity,
    SyncSchedule,
    Thresholds,
)
from safe_auth0.types import UNSET

API = os.environ["API"]
client = AuthenticatedClient(base_url=API, token=os.environ["TOKEN"], raise_on_unexpected_status=True)


def ok(response, status=200):
    assert response.status_code == status, (response.status_code, response.parsed, response.content[:500])
    return response.parsed


form = ok(get_configuration_form.sync_detailed(client=client))
assert [field.name for field in form.fields if field.required][0] == "api_identifier"

new = IntegrationInput(
    api_identifier=os.environ["TENANT"],
    api_audience=os.environ["TENANT"],
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    auto_sync_frequency=SyncSchedule(every="6h"),
)
assert ok(test_connection.sync_detailed(client=client, body=new)).outcome == "connected"

refused = ok(create_integration.sync_detailed(client=client, body=IntegrationInput("x", "x", "x", "x")), 422)
assert isinstance(refused, Problem) and refused.code == "validation_failed" and refused.errors

saved = create_integration.sync_detailed(client=client, body=new)
integration = ok(saved, 201)
assert integration.auto_sync_frequency.every == "6h" and integration.last_sync is None

nightly = IntegrationChanges(auto_sync_frequency=SyncSchedule(cron="0 3 * * *", time_zone="Europe/Berlin"))
changed = update_integration.sync_detailed(
    integration.id, client=client, body=nightly, if_match=saved.headers["etag"]
)
assert ok(changed).auto_sync_frequency.cron == "0 3 * * *"

sync = ok(start_sync.sync_detailed(integration.id, client=client, prefer="wait=60"))
assert (sync.state, sync.stage) == ("succeeded", "completed") and sync.checks.failed > 0
events = ok(stream_sync_events.sync_detailed(sync.id, client=client))
assert events.count("event: state") >= 2 and "event: reading" in events

history = ok(list_history.sync_detailed(integration.id, client=client))
assert [entry.action for entry in history.items] == ["sync", "update", "update"]
assert history.items[0].details.checks.failed == sync.checks.failed

findings, cursor = [], UNSET
while cursor is not None:
    page = ok(
        list_findings.sync_detailed(
            client=client,
            integration_id=[integration.id],
            severity=[Severity.CRITICAL, Severity.HIGH],
            state=[FindingState.OPEN],
            sort=ListFindingsSort.SEVERITY_DESCENDING,
            limit=2,
            cursor=cursor,
        )
    )
    findings, cursor = findings + page.items, page.next_
assert len(findings) > 2 and {finding.severity for finding in findings} <= {"critical", "high"}
assert len({finding.id for finding in findings}) == len(findings)

terms = AcceptanceInput(
    reason=AcceptanceReason.COMPENSATING_CONTROLS,
    rationale="A firewall limits attempts.",
    expires_at=datetime.now(UTC) + timedelta(days=30),
)
accepted = ok(accept_finding.sync_detailed(findings[0].id, client=client, body=terms))
assert accepted.state == "accepted" and accepted.acceptance.reason == "compensating_controls"

export = ok(export_findings.sync_detailed(client=client, integration_id=[integration.id]))
assert len(export.splitlines()) >= len(findings)

asset = ok(list_assets.sync_detailed(client=client, integration_id=[integration.id])).items[0]
assert ok(get_asset.sync_detailed(asset.id, client=client)).accepted_findings == 1
assert ok(get_drift.sync_detailed(asset.id, client=client)).from_ is None
assert ok(get_coverage.sync_detailed(integration.id, client=client)).counts.failed > 0
plan = ok(get_plan.sync_detailed(asset.id, client=client))
assert plan.sync_id == sync.id and plan.score_after > plan.score_before and plan.actions[0].resolves
chosen = PlanPreviewInput(actions=[plan.actions[0].id])
preview = ok(preview_plan.sync_detailed(asset.id, client=client, body=chosen))
assert preview.after.score == plan.actions[0].score_after and not preview.not_applied

before = get_policy.sync_detailed(client=client)
policy = PolicyInput(thresholds=Thresholds.from_dict({"brute-force-threshold-high": {"max_attempts": 8}}))
after = put_policy.sync_detailed(client=client, body=policy, if_match=before.headers["etag"])
assert ok(after).version == int(after.headers["etag"].strip('"'))
ok(put_policy.sync_detailed(client=client, body=PolicyInput(), if_match=before.headers["etag"]), 412)
ok(put_policy.sync_detailed(client=client, body=PolicyInput(), if_match=after.headers["etag"]))

credential = ok(
    create_api_credential.sync_detailed(client=client, body=ApiCredentialInput(name="Nightly", role=Role.VIEWER)), 201
)
basic = b64encode(f"{credential.id}:{credential.secret}".encode()).decode()
program = AuthenticatedClient(base_url=API, token=basic, prefix="Basic")
token = ok(create_token.sync_detailed(client=program, body=TokenInput(grant_type="client_credentials")))
viewer = AuthenticatedClient(base_url=API, token=token.access_token)
assert ok(get_integration.sync_detailed(integration.id, client=viewer)).id == integration.id
denied = ok(delete_integration.sync_detailed(integration.id, client=viewer), 403)
assert denied.code == "forbidden"
ok(revoke_api_credential.sync_detailed(credential.id, client=client), 204)

audit = ok(list_audit.sync_detailed(client=client, action=["create_integration", "delete_integration"]))
assert {"done", "denied"} <= {event.outcome for event in audit.items}

ok(delete_integration.sync_detailed(integration.id, client=client), 204)
assert ok(get_integration.sync_detailed(integration.id, client=client)).state == "deleted"
print("ok")
