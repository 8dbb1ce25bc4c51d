{{- define "safe-auth0.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "safe-auth0.selectorLabels" -}}
app.kubernetes.io/name: safe-auth0
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "safe-auth0.labels" -}}
{{ include "safe-auth0.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "safe-auth0.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "safe-auth0.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "safe-auth0.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}

{{- define "safe-auth0.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "safe-auth0.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The configuration of every command. */}}
{{- define "safe-auth0.env" -}}
{{- with .Values.secret.keys -}}
- {name: DATABASE_URL_FILE, value: /run/secrets/safe-auth0/{{ .databaseUrl }}}
- {name: SAFE_AUTH0_ENCRYPTION_KEYS_FILE, value: /run/secrets/safe-auth0/{{ .encryptionKeys }}}
{{- if .jwtPublicKey }}
- {name: SAFE_AUTH0_JWT_PUBLIC_KEY_FILE, value: /run/secrets/safe-auth0/{{ .jwtPublicKey }}}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.config }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "safe-auth0.volumeMounts" -}}
- {name: secrets, mountPath: /run/secrets/safe-auth0, readOnly: true}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Takes the chart's context and the keys of the Secret. */}}
{{- define "safe-auth0.volumes" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.secret.name }}
    defaultMode: 0440
    items:
      {{- range .keys | compact | uniq }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- with .root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Prefers pods of a component on different nodes. Takes the chart's context and the component. */}}
{{- define "safe-auth0.spread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "safe-auth0.selectorLabels" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* What pods have in common. Takes the chart's context, the component and its values. */}}
{{- define "safe-auth0.podSpec" -}}
serviceAccountName: {{ include "safe-auth0.serviceAccountName" .root }}
automountServiceAccountToken: false
# Otherwise a Service called safe-auth0 sets variables that start with SAFE_AUTH0_, which the configuration refuses.
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
securityContext:
  {{- include "safe-auth0.podSecurityContext" .root | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- include "safe-auth0.spread" . | nindent 2 }}
volumes:
  {{- $keys := .root.Values.secret.keys }}
  {{- include "safe-auth0.volumes" (dict "root" .root "keys" (list $keys.databaseUrl $keys.encryptionKeys $keys.jwtPublicKey)) | nindent 2 }}
{{- end }}
