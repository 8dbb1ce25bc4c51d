//! Export of signals (`domain::signal`): of one tenant after the other its findings, then the results of its latest sync
//! that have none. Filters on what only findings have leave these results out.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::finding::FindingKey;
use domain::recorded_evaluation::{RecordedResult, Results};
use domain::signal::{Signal, SignalTenant};
use domain::{AssetId, IdSource, IntegrationId};
use store::{AssetFilter, AssetView, FindingFilter, Page, PageQuery};

use super::archive::{Archive, ArchiveFull};
use super::stream::ChunkSender;
use super::{CHUNK, Export, ExportAudit, Format, PAGE, write_line};

/// Assets per database read.
const ASSETS: u32 = 50;

/// Why an export of signals ends early.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignalError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Full(#[from] ArchiveFull),
}

/// The file that is written.
enum SignalFile {
    Lines(Vec<u8>),
    Archive(Box<Archive>),
}

impl Export {
    /// The assets of an export of signals.
    pub(super) async fn assets(
        &self,
        after: Option<AssetId>,
    ) -> Result<Page<AssetView>, store::Error> {
        let FindingFilter { integration_ids, asset_ids, include_deleted, .. } = self.filter.clone();
        let filter = AssetFilter { integration_ids, asset_ids, include_deleted };
        let slice = PageQuery { limit: ASSETS, after };
        self.store.list_assets(&self.organisation, &filter, slice, self.now).await
    }

    pub(super) async fn send_signals(
        self,
        mut page: Page<AssetView>,
        ids: Arc<dyn IdSource>,
        chunks: ChunkSender,
        audit: ExportAudit,
    ) -> Result<(), SignalError> {
        let file = match self.format {
            Format::SignalZip => SignalFile::Archive(Box::default()),
            _ => SignalFile::Lines(Vec::with_capacity(CHUNK)),
        };
        let mut sender = SignalSender { export: self, ids, file, chunks, audit };
        loop {
            for view in &page.items {
                sender.send_tenant(view).await?;
            }
            let last = page.items.last().map(|view| view.asset.id).filter(|_| page.has_more);
            let Some(last) = last else { return sender.end().await };
            page = sender.export.assets(Some(last)).await?;
        }
    }
}

struct SignalSender {
    export: Export,
    ids: Arc<dyn IdSource>,
    file: SignalFile,
    chunks: ChunkSender,
    audit: ExportAudit,
}

impl SignalSender {
    async fn send_tenant(&mut self, view: &AssetView) -> Result<(), SignalError> {
        let asset = &view.asset;
        let tenant = SignalTenant {
            integration_id: asset.integration_id,
            asset_id: asset.id,
            sync_id: asset.sync_id,
            asset_name: &asset.name,
            domain: &asset.tenant_domain,
            score: view.score,
            frequency: &view.frequency,
            evaluated_at: asset.evaluated_at,
            deleted_at: view.deleted_at,
        };
        // Before the findings: what a sync adds meanwhile is a finding.
        let results = self.results(asset.integration_id).await?;
        let mut left = self.without_finding(view, results.as_ref());
        self.export.filter.asset_ids = Some(vec![asset.id]);
        let mut after = None;
        loop {
            let page = self.export.page(after, PAGE).await?;
            after = page.items.last().map(|each| each.finding.id).filter(|_| page.has_more);
            for each in page.items {
                left.remove(&each.finding.key);
                let (id, now) = (self.ids.next(), self.export.now);
                let signal = tenant.of_finding(
                    id,
                    &each.finding,
                    each.acceptance.as_ref(),
                    results.as_ref(),
                    now,
                );
                self.write(signal).await?;
            }
            if after.is_none() {
                break;
            }
        }
        for (key, result) in left {
            let key = (key.check_id.as_str(), key.resource.as_str());
            let signal = tenant.of_result(self.ids.next(), key, result, self.export.now);
            self.write(signal).await?;
        }
        self.send(0).await;
        Ok(())
    }

    /// None: not stored, or written by another version of this service.
    async fn results(
        &self,
        integration_id: IntegrationId,
    ) -> Result<Option<Results>, store::Error> {
        let export = &self.export;
        match export.store.latest_results(&export.organisation, integration_id).await {
            Err(store::Error::Corrupt { .. }) => {
                tracing::warn!("stored results of another version cannot be read");
                Ok(None)
            }
            results => results,
        }
    }

    /// The results of each check and resource that the filter matches. Those of a check without stored resources stand
    /// for all of them.
    fn without_finding(
        &self,
        view: &AssetView,
        results: Option<&Results>,
    ) -> BTreeMap<FindingKey, RecordedResult> {
        let filter = &self.export.filter;
        let is_about_findings =
            filter.states.is_some() || filter.severities.is_some() || filter.q.is_some();
        let results = results.filter(|_| !is_about_findings && view.deleted_at.is_none());
        let mut left = BTreeMap::new();
        for check in results.into_iter().flat_map(|results| &results.checks) {
            if filter.check_ids.as_ref().is_some_and(|ids| !ids.contains(&check.check_id)) {
                continue;
            }
            let key = |resource: &str| FindingKey {
                check_id: check.check_id.clone(),
                resource: resource.to_owned(),
            };
            left.extend(check.resources.iter().map(|each| (key(&each.resource), each.result)));
            if check.resources.is_empty() {
                let known = domain::checks::find(&check.check_id);
                left.extend(known.map(|known| (key(known.resource), check.overall)));
            }
        }
        left
    }

    async fn write(&mut self, signal: Option<Signal>) -> Result<(), SignalError> {
        let Some(signal) = signal else { return Ok(()) };
        match &mut self.file {
            SignalFile::Lines(file) => write_line(&signal, file),
            SignalFile::Archive(archive) => archive.add(&signal)?,
        }
        self.audit.add(1);
        self.send(CHUNK).await;
        Ok(())
    }

    /// Sends what was written if it has at least so many bytes.
    async fn send(&mut self, bytes_min: usize) {
        let bytes = match &mut self.file {
            SignalFile::Lines(file) if file.len() >= bytes_min => std::mem::take(file),
            SignalFile::Lines(_) => return,
            SignalFile::Archive(archive) => archive.drain(bytes_min),
        };
        self.chunks.send(bytes).await;
    }

    async fn end(self) -> Result<(), SignalError> {
        if let SignalFile::Archive(archive) = self.file {
            self.chunks.send(archive.end()?).await;
        }
        self.audit.complete();
        Ok(())
    }
}
