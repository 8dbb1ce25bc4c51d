//! One reading: its endpoint, its tries, its outcome. Not here: the pace, which is the tenant's.

mod classify;
mod endpoint;
mod forbidden;
mod pages;
mod run;
mod unread;

pub(crate) use pages::ReadMode;
pub(crate) use run::ReadingRun;
