//! No core dumps: the memory of the process holds secrets of tenants. Other processes of the same user cannot read it
//! either.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

/// For the life of the process; not inherited by the programs that it starts.
pub fn forbid() {
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_not_dumpable() {
        forbid();
        let behavior = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(behavior, DumpableBehavior::NotDumpable);
    }
}
