//! What is refused because it would be insecure: unverified links to the database, development on a network.

use super::tests::{KEY, faults, with_key_set};
use super::*;

fn with_database(url: &str, others: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let own = [("DATABASE_URL", url), ("SAFE_AUTH0_ENCRYPTION_KEYS", KEY)];
    with_key_set("https://id.example/jwks.json", &[&own, others].concat())
}

#[test]
fn a_database_on_another_machine_needs_verified_tls() {
    for (url, is_accepted) in [
        ("postgres://u:p@localhost/d", true),
        ("postgres://u:p@127.0.0.1/d", true),
        ("postgres://u:p@[::1]:5433/d", true),
        ("postgres://u:p@localhost/d?host=/run/postgresql", true),
        ("postgres://u:p@%2Frun%2Fpostgresql/d", true),
        ("postgres:///d?host=/run/postgresql", true),
        ("postgres://u:p@db.example/d?sslmode=verify-full", true),
        ("postgres://u:p@db.example/d?sslmode=verify-full&sslrootcert=/ca.pem", true),
        ("postgres://u:p@db.example/d", false),
        ("postgres://u:p@10.0.0.5/d?sslmode=require", false),
        ("postgres://u:p@db.example/d?sslmode=verify-full&sslmode=prefer", false),
        ("postgres://u:p@localhost/d?host=db.example", false),
        ("postgres://u:p@localhost/d?hostaddr=192.0.2.1", false),
        ("postgres://u:p@localhost.db.example/d", false),
        ("postgres:///d", false),
    ] {
        let config = with_database(url, &[]);
        assert_eq!(config.is_ok(), is_accepted, "{url} {config:?}");
        let permitted = with_database(url, &[("SAFE_AUTH0_DATABASE_INSECURE", "true")]).unwrap();
        assert_eq!(permitted.database.is_insecure, !is_accepted, "{url}");
        let (local, migration) =
            ("postgres://u:p@localhost/d", "SAFE_AUTH0_MIGRATION_DATABASE_URL");
        assert_eq!(with_database(local, &[(migration, url)]).is_ok(), is_accepted, "{url}");
    }
}

#[test]
fn a_blank_database_address_does_not_start_an_embedded_cluster() {
    for name in ["DATABASE_URL", "DATABASE_URL_FILE"] {
        let text = faults(&[(name, " ")]);
        assert!(text.contains("DATABASE_URL: is blank"), "{text}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "postgres://u:p@localhost/d").unwrap();
    let twin = ("DATABASE_URL_FILE", file.path().to_str().unwrap());
    assert!(with_database(" ", &[twin]).is_ok());
}

#[test]
fn development_keys_and_the_demo_stay_on_loopback() {
    let open = ("SAFE_AUTH0_LISTEN", "0.0.0.0:8080");
    let text = faults(&[open]);
    assert!(text.contains("SAFE_AUTH0_LISTEN: is reachable from other machines"), "{text}");
    let permitted = ("SAFE_AUTH0_DEVELOPMENT_ON_NETWORK", "true");
    let url = "https://id.example/jwks.json";
    let own_issuer = with_key_set(url, &[open]).unwrap();
    assert!(own_issuer.check_demo().unwrap_err().contains("SAFE_AUTH0_LISTEN"));
    assert_eq!(with_key_set(url, &[open, permitted]).unwrap().check_demo(), Ok(()));
    assert_eq!(with_key_set(url, &[]).unwrap().check_demo(), Ok(()));
    let external = with_database("postgres://u:p@localhost/d", &[]).unwrap();
    assert!(external.check_demo().unwrap_err().contains("DATABASE_URL"));
    assert!(with_database("postgres://u:p@localhost/d", &[open]).is_ok());
}
