//! The embedded database when the service is killed, restarted and stopped, and starts that must fail.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use rustix::process::{Pid, Signal, test_kill_process};
use tempfile::TempDir;

use crate::support::Process;

#[test]
fn a_killed_service_restarts_on_its_data_and_stops_its_database() {
    let dir = data_dir();
    let mut first = start(dir.path());
    assert_eq!(get(&first, "/readyz", "none"), 200);
    for private in ["encryption-keys", "development-key.pem"] {
        let facts = std::fs::metadata(dir.path().join(private)).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, 0o600, "{private}");
    }
    let token = token(dir.path());
    let orphan = server_of(dir.path());

    first.kill();
    assert!(test_kill_process(orphan).is_ok(), "the database server outlives a killed service");

    let mut second = start(dir.path());
    assert_ne!(server_of(dir.path()), orphan);
    assert_eq!(get(&second, "/v1/findings", &token), 200, "the keys are those of the first start");

    second.signal(Signal::TERM);
    assert!(second.wait().success());
    assert!(!dir.path().join("postgres/cluster/postmaster.pid").exists());
}

#[test]
fn a_second_service_on_the_same_data_directory_fails() {
    let dir = data_dir();
    let _first = start(dir.path());
    let refused = serve(dir.path(), "127.0.0.1:0").output().unwrap();
    assert!(!refused.status.success());
    let stderr = stderr(&refused);
    assert!(stderr.contains("is in use by another safe-auth0 (process "), "{stderr}");
}

#[test]
fn a_port_in_use_is_reported_before_a_database_is_created() {
    let dir = data_dir();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = serve(dir.path(), &address).output().unwrap();
    assert!(!refused.status.success());
    assert!(stderr(&refused).contains(&format!("{address} is in use by another program")));
    assert!(!dir.path().join("postgres").exists());
}

#[test]
fn check_config_exits_with_0_if_valid_and_1_if_invalid() {
    let dir = data_dir();
    let check = |name: &str, value: &str| {
        program(dir.path()).arg("check-config").env(name, value).output().unwrap().status.code()
    };
    assert_eq!(check("SAFE_AUTH0_LISTEN", "127.0.0.1:1"), Some(0));
    assert_eq!(check("SAFE_AUTH0_LISTEN", "nowhere"), Some(1));
    assert_eq!(check("SAFE_AUTH0_LISTN", "127.0.0.1:1"), Some(1));
}

/// Starts the service and waits until it listens.
fn start(dir: &Path) -> Process {
    Process::start(serve(dir, "127.0.0.1:0"), &dir.join("service.log"))
}

fn get(service: &Process, path: &str, token: &str) -> u16 {
    let mut stream = TcpStream::connect(&service.address).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer[9..12].parse().unwrap()
}

/// Accessible for the database server's user, which under root is another one.
fn data_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    dir
}

fn program(dir: &Path) -> Command {
    let mut command = Process::program();
    command.env("SAFE_AUTH0_DATA_DIR", dir);
    command
}

fn serve(dir: &Path, listen: &str) -> Command {
    let mut command = program(dir);
    command.arg("serve").env("SAFE_AUTH0_LISTEN", listen);
    command
}

fn token(dir: &Path) -> String {
    let mut command = program(dir);
    command.args(["token", "--role", "viewer", "--org", "acme", "--email", "vic@acme.example"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn server_of(dir: &Path) -> Pid {
    let text = std::fs::read_to_string(dir.join("postgres/cluster/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
