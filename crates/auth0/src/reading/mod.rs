//! One reading: its endpoint, its tries, its outcome. Not here: the pace, which is the tenant's.

mod endpoint;
mod forbidden;
mod pages;
mod run;
mod unread;
mod verdict;

pub(crate) use pages::Depth;
pub(crate) use run::ReadingRun;
