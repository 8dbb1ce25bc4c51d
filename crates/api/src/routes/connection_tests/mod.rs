//! Tests of connections that are not saved.

pub mod test;
