//! One reading: its endpoint, its attempts, its outcome. The rate limiter is in `rate_limit`.

mod classify;
mod endpoint;
mod forbidden;
mod pages;
mod run;
mod unread;

pub(crate) use pages::ReadMode;
pub(crate) use run::ReadingRun;
