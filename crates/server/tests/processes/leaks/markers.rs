//! Planted markers: the credentials, and every member of Auth0's responses that holds a secret.

use serde_json::{Value, json};
use simulator::TenantFile;

/// The service's key, as in `support::Callers`.
pub const ENCRYPTION_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub const RIGHT: &str = "MARKER-right-client-secret-7f3a91";
pub const WRONG: &str = "MARKER-wrong-client-secret-1c88e0";
pub const NEXT: &str = "MARKER-next-client-secret-55d0b2";
pub const MISPLACED: &str = "MARKER-misplaced-secret-e41f77";
pub const OF_TENANT: &str = "MARKER-secret-of-the-tenant-90ab3c";
pub const BAD_BEARER: &str = "MARKER-bad-bearer-token-2be6f4";

pub const PLANTED: [&str; 6] = [RIGHT, WRONG, NEXT, MISPLACED, OF_TENANT, BAD_BEARER];

/// A bundled tenant with markers as client secret and in every member that holds a secret.
pub fn tenant(bundled: &str) -> TenantFile {
    let mut file = TenantFile::bundled(bundled).unwrap();
    for application in &mut file.applications {
        RIGHT.clone_into(&mut application.client_secret);
    }
    plant(&mut file, "clients", &["client_secret", "signing_keys"]);
    plant(&mut file, "client-grants", &["note"]);
    plant(&mut file, "log-streams", &["sink"]);
    plant(&mut file, "emails/provider", &["credentials"]);
    plant(&mut file, "keys/signing", &["cert", "pkcs7", "private"]);
    plant(&mut file, "attack-protection/captcha", &["secret", "client_secret"]);
    plant(&mut file, "guardian/policies", &[]);
    plant(&mut file, "actions/actions", &["code", "secrets"]);
    plant(&mut file, "rules", &["script"]);
    plant(&mut file, "hooks", &["script", "dependencies"]);
    plant(&mut file, "tenants/settings", &["secret"]);
    for connection in list(&mut file, "connections") {
        connection["options"]["client_secret"] = json!(OF_TENANT);
        connection["options"]["configuration"] = json!({"password": OF_TENANT});
    }
    file
}

fn plant(file: &mut TenantFile, resource: &str, members: &[&str]) {
    for object in list(file, resource) {
        for member in members {
            object[*member] = json!(OF_TENANT);
        }
    }
}

fn list<'a>(file: &'a mut TenantFile, resource: &str) -> Vec<&'a mut Value> {
    match file.resources.get_mut(resource) {
        Some(Value::Array(items)) => items.iter_mut().filter(|item| item.is_object()).collect(),
        Some(object @ Value::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}
