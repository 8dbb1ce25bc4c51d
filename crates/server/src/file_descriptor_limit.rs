//! Raises the limit of open files, because each connection needs one. The usual soft limit of 1024 exists for programs
//! that use `select`; a process may raise it up to the hard limit.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Files besides clients' connections: the database, tenants, files on disk.
const OTHERS: u64 = 512;

/// Raises the limit for this many connections, as far as the hard limit allows.
pub fn allow(connections: usize) {
    let needed = OTHERS.saturating_add(connections as u64);
    let mut limits = getrlimit(Resource::Nofile);
    let is_enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    if is_enough(limits.current) {
        return;
    }
    let allowed = limits.maximum.map_or(needed, |hard| hard.min(needed));
    limits.current = Some(allowed);
    if setrlimit(Resource::Nofile, limits).is_err() || allowed < needed {
        tracing::warn!(
            needed,
            "the hard limit of open files (ulimit -n) is too low for SAFE_AUTH0_CONNECTIONS: new \
             connections wait once it is reached; raise it, or lower SAFE_AUTH0_CONNECTIONS"
        );
    }
}
