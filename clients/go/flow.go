// The whole flow with the client that OpenAPI Generator generates for Go.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	api "example.com/safe/auth0"
)

func check(holds bool, seen ...any) {
	if !holds {
		panic(fmt.Sprintf("%+v", seen))
	}
}

// The body of a response with the status.
func ok[T any](status int) func(T, *http.Response, error) T {
	return func(value T, response *http.Response, err error) T {
		check(response != nil && response.StatusCode == status, response, err)
		check(err == nil, err)
		return value
	}
}

func problem(err error, status int32, code string) api.Problem {
	failed, isTyped := err.(*api.GenericOpenAPIError)
	check(isTyped, err)
	problem, isProblem := failed.Model().(api.Problem)
	check(isProblem && problem.Status == status && problem.Code == code, string(failed.Body()))
	return problem
}

func text(file *os.File) string {
	bytes, err := io.ReadAll(file)
	check(err == nil, err)
	return string(bytes)
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Getenv("API")}}
	client := api.NewAPIClient(configuration)
	admin := context.WithValue(context.Background(), api.ContextAccessToken, os.Getenv("TOKEN"))

	form := ok[*api.ConfigurationForm](200)(client.ConfigurationAPI.GetConfigurationForm(admin).Execute())
	check(form.Fields[0].Required, form)

	every := "6h"
	input := api.NewIntegrationInput(
		os.Getenv("TENANT"), os.Getenv("TENANT"), os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET"))
	input.SetAutoSyncFrequency(api.SyncScheduleAsAutoSyncFrequency(&api.SyncSchedule{Every: &every}))
	test := ok[*api.ConnectionTest](200)(client.ConfigurationAPI.TestConnection(admin).IntegrationInput(*input).Execute())
	check(test.Outcome == "connected", test)

	created, response, err := client.IntegrationsAPI.CreateIntegration(admin).IntegrationInput(*input).Execute()
	integration := ok[*api.Integration](201)(created, response, err)
	check(*integration.AutoSyncFrequency.SyncSchedule.Every == "6h", integration)
	wrong := *input
	wrong.ClientSecret = "not the secret"
	_, _, err = client.IntegrationsAPI.CreateIntegration(admin).IntegrationInput(wrong).Execute()
	check(problem(err, 422, "connection_test_failed").ConnectionTest.Outcome == "failed", err)

	manual, changes := "manual", api.NewIntegrationChanges()
	changes.SetAutoSyncFrequency(api.StringAsAutoSyncFrequency(&manual))
	changed := ok[*api.Integration](200)(client.IntegrationsAPI.UpdateIntegration(admin, integration.Id).
		IfMatch(response.Header.Get("ETag")).IntegrationChanges(*changes).Execute())
	check(*changed.AutoSyncFrequency.String == "manual" && changed.Name == integration.Name, changed)

	sync := ok[*api.Sync](200)(client.SyncsAPI.StartSync(admin, integration.Id).Prefer("wait=60").Execute())
	check(sync.State == "succeeded" && sync.Checks.Failed > 0, sync)
	events := text(ok[*os.File](200)(client.SyncsAPI.StreamSyncEvents(admin, sync.Id).Execute()))
	check(strings.Contains(events, "event: reading"), events)

	history := ok[*api.HistoryEntryPage](200)(client.HistoryAPI.ListHistory(admin, integration.Id).Execute())
	check(history.Items[0].Details.Checks.Failed == sync.Checks.Failed, history)

	var findings []api.Finding
	request := client.FindingsAPI.ListFindings(admin).IntegrationId([]string{integration.Id}).
		Severity([]api.Severity{api.CRITICAL, api.HIGH}).Sort("-severity").Limit(2)
	for {
		page := ok[*api.FindingPage](200)(request.Execute())
		findings = append(findings, page.Items...)
		next, more := page.GetNextOk()
		if !more || next == nil {
			break
		}
		request = request.Cursor(*next)
	}
	check(len(findings) > 2, findings)

	terms := api.NewAcceptanceInput("The tenant is switched off soon.", api.WONT_FIX)
	accepted := ok[*api.Finding](200)(client.FindingsAPI.AcceptFinding(admin, findings[0].Id).AcceptanceInput(*terms).Execute())
	check(accepted.State == "accepted" && accepted.Acceptance.Get() != nil, accepted)
	csv := text(ok[*os.File](200)(client.FindingsAPI.ExportFindings(admin).Format("csv").Execute()))
	check(strings.Count(csv, "\n") > len(findings), csv)

	assets := ok[*api.AssetPage](200)(client.AssetsAPI.ListAssets(admin).IntegrationId([]string{integration.Id}).Execute())
	asset := ok[*api.Asset](200)(client.AssetsAPI.GetAsset(admin, assets.Items[0].Id).Execute())
	check(asset.AcceptedFindings == 1, asset)
	drift := ok[*api.Drift](200)(client.AssetsAPI.GetDrift(admin, asset.Id).Execute())
	check(drift.From.Get() == nil, drift)
	coverage := ok[*api.Coverage](200)(client.IntegrationsAPI.GetCoverage(admin, integration.Id).Execute())
	check(coverage.Counts.Get().Failed == sync.Checks.Failed, coverage)
	plan := ok[*api.Plan](200)(client.AssetsAPI.GetPlan(admin, asset.Id).Execute())
	chosen := api.NewPlanPreviewInput([]string{plan.Actions[0].Id})
	preview := ok[*api.PlanPreview](200)(client.AssetsAPI.PreviewPlan(admin, asset.Id).PlanPreviewInput(*chosen).Execute())
	check(*preview.After.Score.Get() == *plan.Actions[0].ScoreAfter.Get(), preview)

	_, response, err = client.PolicyAPI.GetPolicy(admin).Execute()
	check(err == nil, err)
	before := response.Header.Get("ETag")
	strict := api.NewPolicyInput()
	strict.SetThresholds(map[string]map[string]int64{"brute-force-threshold-high": {"max_attempts": 8}})
	_, response, err = client.PolicyAPI.PutPolicy(admin).IfMatch(before).PolicyInput(*strict).Execute()
	check(err == nil, err)
	_, _, err = client.PolicyAPI.PutPolicy(admin).IfMatch(before).PolicyInput(*api.NewPolicyInput()).Execute()
	problem(err, 412, "precondition_failed")
	ok[*api.Policy](200)(client.PolicyAPI.PutPolicy(admin).IfMatch(response.Header.Get("ETag")).
		PolicyInput(*api.NewPolicyInput()).Execute())

	nightly := api.NewApiCredentialInput("Nightly")
	nightly.SetRole(api.VIEWER)
	credential := ok[*api.CreatedApiCredential](201)(
		client.CredentialsAPI.CreateApiCredential(admin).ApiCredentialInput(*nightly).Execute())
	basic := api.BasicAuth{UserName: credential.Id, Password: credential.Secret}
	program := context.WithValue(context.Background(), api.ContextBasicAuth, basic)
	token := ok[*api.AccessToken](200)(client.CredentialsAPI.CreateToken(program).GrantType("client_credentials").Execute())
	viewer := context.WithValue(context.Background(), api.ContextAccessToken, token.AccessToken)
	ok[*api.Integration](200)(client.IntegrationsAPI.GetIntegration(viewer, integration.Id).Execute())
	_, err = client.IntegrationsAPI.DeleteIntegration(viewer, integration.Id).Execute()
	problem(err, 403, "forbidden")
	_, err = client.CredentialsAPI.RevokeApiCredential(admin, credential.Id).Execute()
	check(err == nil, err)

	audit := ok[*api.AuditEventPage](200)(client.AuditAPI.ListAudit(admin).Action([]string{"delete_integration"}).Execute())
	check(audit.Items[0].Outcome == "denied", audit)

	_, err = client.IntegrationsAPI.DeleteIntegration(admin, integration.Id).Execute()
	check(err == nil, err)
	deleted := ok[*api.Integration](200)(client.IntegrationsAPI.GetIntegration(admin, integration.Id).Execute())
	check(deleted.State == "deleted", deleted)

	// A value and a member that are added later.
	var later map[string]any
	bytes, _ := json.Marshal(findings[0])
	check(json.Unmarshal(bytes, &later) == nil, string(bytes))
	later["severity"], later["unheard_of"] = "unheard_of", 1
	bytes, _ = json.Marshal(later)
	var finding api.Finding
	err = json.Unmarshal(bytes, &finding)
	check(err == nil && finding.Severity == "unheard_of", err)
	fmt.Println("ok")
}
