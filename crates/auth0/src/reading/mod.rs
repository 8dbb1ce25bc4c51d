//! One reading: its endpoint, its tries, its outcome. Not here: the pace, which is the tenant's.

mod endpoint;
mod forbidden;
mod run;
mod verdict;

pub(crate) use run::ReadingRun;
