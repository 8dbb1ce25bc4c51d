//! One organisation's page while another organisation asks for more than the service has.

use crate::service::Service;
use crate::table::{Baseline, Samples, row};
use crate::{Scale, child};

const GREEDY_CLIENTS: usize = 32;

pub async fn run(service: &Service, scale: Scale) {
    let seconds = scale.pick(4.0, 15.0);
    let address = service.address.to_string();
    let page = |organisation: &str| {
        vec![("/v1/findings?limit=50".to_owned(), service.token(organisation))]
    };
    let (small, large) = (page("small-0"), page("large-0"));
    let alone = child::load("http", &address, &small, 1, seconds).await;
    let greedy = child::load("http", &address, &large, GREEDY_CLIENTS, seconds + 1.0);
    let beside = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        child::load("http", &address, &small, 1, seconds).await
    };
    let (greedy, beside) = tokio::join!(greedy, beside);
    let baseline = Baseline("alone, ms", alone.latencies.median());
    row("page beside 32 clients of the large organisation", &beside.latencies, "ms", &baseline, "");
    let baseline = Baseline("alone, p99, ms", alone.latencies.percentile(99));
    let worst = Samples::one(beside.latencies.percentile(99));
    row("  p99", &worst, "ms", &baseline, "");
    let baseline = Baseline("requests of both", 1.0);
    row("  failed", &Samples::one(beside.failed + greedy.failed), "requests", &baseline, "0");
}
