//! What collects the metrics of the process: histograms with buckets, so that those of several replicas
//! can be added up.

use engine::{SYNC_DURATION_BUCKETS_S, SYNC_DURATION_SECONDS};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

use crate::middleware::{DURATION_BUCKETS_S, DURATION_SECONDS};

/// A recorder that knows the buckets of every histogram, not yet installed.
///
/// # Panics
/// Never: every list has buckets.
pub fn metrics_recorder() -> PrometheusBuilder {
    let buckets = [
        (DURATION_SECONDS, DURATION_BUCKETS_S.as_slice()),
        (SYNC_DURATION_SECONDS, SYNC_DURATION_BUCKETS_S.as_slice()),
    ];
    // Without buckets a histogram is a summary, so those that are not listed have some too.
    let builder = PrometheusBuilder::new().set_buckets(&DURATION_BUCKETS_S);
    buckets.into_iter().fold(builder.expect("there are buckets"), |builder, (name, bounds)| {
        let builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds);
        builder.expect("there are buckets")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_histogram_has_its_buckets() {
        let recorder = metrics_recorder().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            for name in [DURATION_SECONDS, SYNC_DURATION_SECONDS, "one_of_tomorrow_seconds"] {
                metrics::histogram!(name).record(0.3);
            }
        });
        let text = recorder.handle().render();
        assert!(!text.contains(" summary"), "{text}");
        for line in [
            r#"safe_auth0_http_request_duration_seconds_bucket{le="0.5"} 1"#,
            r#"safe_auth0_sync_duration_seconds_bucket{le="600"} 1"#,
            r#"one_of_tomorrow_seconds_bucket{le="+Inf"} 1"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
