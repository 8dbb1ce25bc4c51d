// The whole flow with the client that OpenAPI Generator generates for Java (native).

import java.io.File;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.ApiResponse;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

public class Flow {
    interface Call {
        void run() throws ApiException;
    }

    static ApiClient client(String authorization) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("API"));
        client.setRequestInterceptor((HttpRequest.Builder request) -> request.header("Authorization", authorization));
        return client;
    }

    static void check(boolean holds, Object seen) {
        if (!holds) {
            throw new AssertionError(String.valueOf(seen));
        }
    }

    static Problem fails(int status, String code, Call call) throws Exception {
        try {
            call.run();
        } catch (ApiException error) {
            Problem problem = new ApiClient().getObjectMapper().readValue(error.getResponseBody(), Problem.class);
            check(problem.getStatus() == status && problem.getCode().equals(code), problem);
            return problem;
        }
        throw new AssertionError("no " + code);
    }

    static String etag(ApiResponse<?> response) {
        return response.getHeaders().get("etag").get(0);
    }

    static String text(File file) throws Exception {
        return Files.readString(file.toPath());
    }

    public static void main(String[] arguments) throws Exception {
        ApiClient admin = client("Bearer " + System.getenv("TOKEN"));
        IntegrationsApi integrations = new IntegrationsApi(admin);

        ConfigurationForm form = new ConfigurationApi(admin).getConfigurationForm(null);
        check(form.getFields().stream().anyMatch(field -> field.getRequired()), form);

        IntegrationInput input = new IntegrationInput()
            .apiIdentifier(System.getenv("TENANT")).apiAudience(System.getenv("TENANT"))
            .clientId(System.getenv("CLIENT_ID")).clientSecret(System.getenv("CLIENT_SECRET"))
            .autoSyncFrequency(new AutoSyncFrequency(new SyncSchedule().every("6h")));
        check(new ConfigurationApi(admin).testConnection(input, null).getOutcome().equals("connected"), "not connected");

        ApiResponse<Integration> created = integrations.createIntegrationWithHttpInfo(input, null);
        Integration integration = created.getData();
        check(integration.getAutoSyncFrequency().getSyncSchedule().getEvery().equals("6h"), integration);
        input.clientSecret("not the secret");
        Problem refused = fails(422, "connection_test_failed", () -> integrations.createIntegration(input, null));
        check(refused.getConnectionTest().getSteps().stream().anyMatch(step -> step.getStatus().equals("failed")), refused);

        IntegrationChanges manual = new IntegrationChanges().autoSyncFrequency(new AutoSyncFrequency("manual"));
        Integration changed = integrations.updateIntegration(integration.getId(), etag(created), manual);
        check(changed.getAutoSyncFrequency().getString().equals("manual"), changed);

        SyncsApi syncs = new SyncsApi(admin);
        Sync sync = syncs.startSync(integration.getId(), null, "wait=60", null);
        check(sync.getState().equals("succeeded") && sync.getChecks().getFailed() > 0, sync);
        check(text(syncs.streamSyncEvents(sync.getId(), null)).contains("event: reading"), "no readings");

        HistoryEntryPage history = new HistoryApi(admin).listHistory(integration.getId(), null, null, null, null);
        check(history.getItems().get(0).getDetails().getChecks().getFailed().equals(sync.getChecks().getFailed()), history);

        FindingsApi api = new FindingsApi(admin);
        List<Finding> findings = new ArrayList<>();
        List<java.util.UUID> ofIntegration = List.of(integration.getId());
        String cursor = null;
        do {
            FindingPage page = api.listFindings(ofIntegration, null, List.of(FindingState.OPEN),
                List.of(Severity.CRITICAL, Severity.HIGH), null, null, null, "-severity", 2, cursor);
            findings.addAll(page.getItems());
            cursor = page.getNext();
        } while (cursor != null);
        check(findings.size() > 2, findings);

        AcceptanceInput terms = new AcceptanceInput().reason(AcceptanceReason.WONT_FIX).rationale("Switched off soon.");
        Finding accepted = api.acceptFinding(findings.get(0).getId(), terms);
        check(accepted.getState().equals("accepted") && accepted.getAcceptance() != null, accepted);
        String csv = text(api.exportFindings(ofIntegration, null, null, null, null, null, null, "csv"));
        check(csv.lines().count() > findings.size(), csv);

        AssetsApi assets = new AssetsApi(admin);
        Asset asset = assets.listAssets(ofIntegration, null, null, null).getItems().get(0);
        check(assets.getAsset(asset.getId()).getAcceptedFindings() == 1, asset);
        check(assets.getDrift(asset.getId(), null, null).getFrom() == null, "an earlier sync");
        check(integrations.getCoverage(integration.getId()).getCounts() != null, "no counts");
        PlanAction first = assets.getPlan(asset.getId()).getActions().get(0);
        PlanPreviewInput chosen = new PlanPreviewInput().actions(List.of(first.getId()));
        PlanPreview preview = assets.previewPlan(asset.getId(), chosen, null);
        check(preview.getAfter().getScore().equals(first.getScoreAfter()), preview);

        PolicyApi policies = new PolicyApi(admin);
        String before = etag(policies.getPolicyWithHttpInfo(null));
        PolicyInput strict = new PolicyInput().thresholds(Map.of("brute-force-threshold-high", Map.of("max_attempts", 8L)));
        String after = etag(policies.putPolicyWithHttpInfo(before, strict));
        fails(412, "precondition_failed", () -> policies.putPolicy(before, new PolicyInput()));
        policies.putPolicy(after, new PolicyInput());

        CredentialsApi credentials = new CredentialsApi(admin);
        CreatedApiCredential credential =
            credentials.createApiCredential(new ApiCredentialInput().name("Nightly").role(Role.VIEWER));
        byte[] pair = (credential.getId() + ":" + credential.getSecret()).getBytes(StandardCharsets.UTF_8);
        ApiClient program = client("Basic " + Base64.getEncoder().encodeToString(pair));
        AccessToken token = new CredentialsApi(program).createToken("client_credentials");
        IntegrationsApi viewer = new IntegrationsApi(client("Bearer " + token.getAccessToken()));
        check(viewer.getIntegration(integration.getId(), null).getId().equals(integration.getId()), "another");
        fails(403, "forbidden", () -> viewer.deleteIntegration(integration.getId(), null));
        credentials.revokeApiCredential(credential.getId());

        AuditEventPage audit =
            new AuditApi(admin).listAudit(null, null, null, List.of("delete_integration"), null, null, null, null, null);
        check(audit.getItems().get(0).getOutcome().equals("denied"), audit);

        integrations.deleteIntegration(integration.getId(), null);
        check(integrations.getIntegration(integration.getId(), null).getState().equals("deleted"), "not deleted");

        // A value and a member that are added later.
        String later = admin.getObjectMapper().writeValueAsString(findings.get(0))
            .replaceFirst("\"severity\":\"[a-z]+\"", "\"severity\":\"unheard_of\",\"unheard_of\":1");
        check(admin.getObjectMapper().readValue(later, Finding.class).getSeverity().equals("unheard_of"), later);
        System.out.println("ok");
    }
}
