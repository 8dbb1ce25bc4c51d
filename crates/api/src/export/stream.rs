//! Streaming response bodies. A producer task waits for the reader, so memory is bounded. The task ends
//! when the reader goes away or the time limit passes. If the producer fails, the body ends with an error,
//! so that no reader mistakes a part for the whole.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::mpsc;
use tracing::Instrument as _;

enum Chunk {
    More(Bytes),
    End,
}

/// The producer's end of the stream.
pub struct ChunkSender(mpsc::Sender<Chunk>);

impl ChunkSender {
    /// Waits until the previous chunk was taken. The producer is dropped here if the reader is gone.
    pub async fn send(&self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        if !bytes.is_empty() {
            // Without a reader, `body` drops the producer.
            let _ = self.0.send(Chunk::More(bytes)).await;
        }
    }
}

/// The error of a body whose producer failed. The cause is logged.
#[derive(Debug, thiserror::Error)]
#[error("the body was broken off")]
struct Truncated;

/// A body produced by `make` within the time limit. The permit is released when the producer ends.
pub fn body<P, F, E>(permit: P, time_max: Duration, make: impl FnOnce(ChunkSender) -> F) -> Body
where
    P: Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(1);
    let work = make(ChunkSender(sender.clone()));
    let ended = sender.clone();
    let whole = async move {
        work.await?;
        // The reader may be gone; nothing remains to be done.
        let _ = ended.send(Chunk::End).await;
        Ok::<_, E>(())
    };
    let task = async move {
        let _permit = permit;
        tokio::select! {
            () = sender.closed() => tracing::debug!("the client of an export is gone"),
            outcome = tokio::time::timeout(time_max, whole) => match outcome {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "an export failed"),
                Err(_) => tracing::warn!("an export exceeded its time limit"),
            },
        }
    };
    tokio::spawn(task.in_current_span());
    let parts = stream::unfold(Some(receiver), async |receiver| {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Chunk::More(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Chunk::End) => None,
            None => Some((Err(Truncated), None)),
        }
    });
    Body::from_stream(parts.fuse())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::{OwnedSemaphorePermit, Semaphore};

    const MINUTE: Duration = Duration::from_secs(60);

    fn export_permits() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(1))
    }

    fn acquire(permits: &Arc<Semaphore>) -> OwnedSemaphorePermit {
        Arc::clone(permits).try_acquire_owned().unwrap()
    }

    async fn numbers(chunks: ChunkSender, until: u32) -> Result<(), String> {
        for n in 0..until {
            chunks.send(format!("{n}\n")).await;
        }
        if until == 3 { Err("the third is a fault".into()) } else { Ok(()) }
    }

    /// What the reader received, and whether the body was complete.
    async fn read(body: Body) -> (String, bool) {
        let mut chunks = body.into_data_stream();
        let mut text = String::new();
        while let Some(chunk) = chunks.next().await {
            let Ok(bytes) = chunk else { return (text, false) };
            text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        (text, true)
    }

    #[tokio::test]
    async fn a_complete_body_ends_and_a_failed_one_is_aborted() {
        let permits = export_permits();
        let make = |until| body(acquire(&permits), MINUTE, move |chunks| numbers(chunks, until));
        assert_eq!(read(make(5)).await, ("0\n1\n2\n3\n4\n".into(), true));
        assert_eq!(read(make(0)).await, (String::new(), true));
        assert_eq!(read(make(3)).await, ("0\n1\n2\n".into(), false));
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_reader_loses_its_permit_and_its_body_is_aborted() {
        let permits = export_permits();
        let stalled = body(acquire(&permits), MINUTE, |chunks| numbers(chunks, 9));
        tokio::time::sleep(Duration::from_secs(59)).await;
        assert_eq!(permits.available_permits(), 0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(permits.available_permits(), 1);
        let (text, is_whole) = read(stalled).await;
        assert!(!is_whole && text == "0\n", "{text}");
    }

    #[tokio::test]
    async fn a_reader_that_disconnects_releases_its_permit() {
        let permits = export_permits();
        let abandoned = body(acquire(&permits), MINUTE, |chunks| numbers(chunks, 9));
        tokio::task::yield_now().await;
        assert_eq!(permits.available_permits(), 0);
        drop(abandoned);
        tokio::task::yield_now().await;
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_panicking_producer_aborts_the_body() {
        let permits = export_permits();
        let make = |_| async { panic!("in the middle") as Result<(), String> };
        assert_eq!(read(body(acquire(&permits), MINUTE, make)).await, (String::new(), false));
        assert_eq!(permits.available_permits(), 1);
    }
}
