//! Where configuration comes from: the process environment in the product, a map in tests.
//! The one place of the product that reads environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// A set of named values.
pub trait SettingSource {
    /// The value of this name.
    fn get(&self, name: &str) -> Option<OsString>;
    /// Every name, so that unknown ones can be refused. Names that are not UTF-8 are left out.
    fn names(&self) -> Vec<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

impl SettingSource for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }
}

impl SettingSource for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<OsString> {
        BTreeMap::get(self, name).map(OsString::from)
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}
