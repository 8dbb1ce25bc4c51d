//! Finds the installed PostgreSQL server programs: in `PATH`, then in the directory of Debian's packages.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::os_account::Account;

/// The oldest major version of PostgreSQL that the schema supports.
pub const OLDEST: u32 = 15;
/// A directory with one subdirectory for each installed version.
const VERSIONED: &str = "/usr/lib/postgresql";

/// A directory with `postgres` and `initdb` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// The first suitable programs. `required` is the major version that created the cluster; no other can run it.
    pub fn find(path: &[PathBuf], required: Option<u32>, account: &Account) -> Result<Self> {
        let mut seen = Vec::new();
        for dir in candidates(path) {
            let Some(major) = version(&dir, account) else { continue };
            if required.map_or(major >= OLDEST, |required| required == major) {
                return Ok(Self { dir, major });
            }
            seen.push(major.to_string());
        }
        let seen = if seen.is_empty() { "none".to_owned() } else { seen.join(", ") };
        match required {
            Some(required) => bail!(
                "the cluster in the data directory was created by PostgreSQL {required}, which is \
                 not installed (found: {seen}): install PostgreSQL {required}"
            ),
            None => bail!(
                "the embedded database needs the server programs of PostgreSQL {OLDEST} or newer \
                 (found: {seen}): install them (Debian and Ubuntu: apt-get install postgresql; \
                 Fedora: dnf install postgresql-server; macOS: brew install postgresql@17) or set \
                 DATABASE_URL"
            ),
        }
    }

    pub fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }
}

fn candidates(path: &[PathBuf]) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for dir in path {
        // Resolve symbolic links: a directory of links may have no `initdb`.
        let real = dir.join("postgres").canonicalize().ok();
        dirs.extend(real.and_then(|program| program.parent().map(Path::to_owned)));
    }
    dirs.extend(newest_first(Path::new(VERSIONED)));
    let mut unique = Vec::new();
    for dir in dirs {
        if !unique.contains(&dir) && dir.join("postgres").is_file() && dir.join("initdb").is_file()
        {
            unique.push(dir);
        }
    }
    unique
}

fn newest_first(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, dir)| dir).collect()
}

/// Runs the program as the server's user, to skip programs that this user cannot run.
fn version(dir: &Path, account: &Account) -> Option<u32> {
    let output = account.command(&dir.join("postgres")).arg("--version").output().ok()?;
    major(std::str::from_utf8(&output.stdout).ok()?)
}

/// `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` is 17; `18beta1` is 18.
fn major(text: &str) -> Option<u32> {
    let number = text.split("(PostgreSQL) ").nth(1)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_parsed_from_the_programs_output() {
        assert_eq!(major("postgres (PostgreSQL) 17.2 (Debian 17.2-1.pgdg120+1)\n"), Some(17));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "readme"] {
            std::fs::create_dir(root.path().join(version)).unwrap();
        }
        let found = newest_first(root.path());
        let expected: Vec<PathBuf> =
            ["17", "15", "9"].iter().map(|v| root.path().join(v).join("bin")).collect();
        assert_eq!(found, expected);
    }
}
