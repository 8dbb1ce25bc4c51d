//! The operating system's limit of open files, of which each connection is one. The usual soft limit of 1024
//! is for programs that cannot do with more; up to the hard limit a process may raise it by itself.

use rustix::process::{Resource, getrlimit, setrlimit};

/// What a process opens beside its clients' connections: the database, tenants, files.
const OTHERS: u64 = 512;

/// Makes room for so many connections, as far as the hard limit allows.
pub fn allow(connections: usize) {
    let needed = OTHERS.saturating_add(connections as u64);
    let mut limits = getrlimit(Resource::Nofile);
    let is_enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    if is_enough(limits.current) {
        return;
    }
    let may_have = limits.maximum.map_or(needed, |hard| hard.min(needed));
    limits.current = Some(may_have);
    if setrlimit(Resource::Nofile, limits).is_err() || may_have < needed {
        tracing::warn!(
            needed,
            "the limit of open files (ulimit -n) is lower than SAFE_AUTH0_CONNECTIONS needs: new \
             connections wait when it is reached"
        );
    }
}
