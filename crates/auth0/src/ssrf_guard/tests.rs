use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use proptest::prelude::*;

const SPECIAL: &str = "
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.255
    169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.31.196.1
    192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16 :: ::1
    ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1
    100::1 100:0:0:1::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff::1 2001:db8::1
    2002:7f00:1::1 2002:a00:1::1 2002:a9fe:a9fe::1 2620:4f:8000::1 3fff::1 3fff:fff::1 5f00::1
    fc00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 4000::1";
const GLOBAL: &str = "
    1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1
    198.20.0.1 223.255.255.255 2606:4700::1 2001:200::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8";

#[test]
fn special_addresses_are_refused_and_public_ones_are_not() {
    for text in SPECIAL.split_whitespace() {
        assert!(!is_global_unicast(text.parse().unwrap()), "{text}");
    }
    for text in GLOBAL.split_whitespace() {
        assert!(is_global_unicast(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn only_private_extra_origins_may_have_private_addresses() {
    let ip = "127.0.0.1".parse().unwrap();
    let check = |permission| guard(permission, Arc::new(SystemResolver)).check(ip);
    assert_eq!(check(Permission::Auth0), Err(NotPublic(ip)));
    assert_eq!(check(Permission::Extra), Err(NotPublic(ip)));
    assert_eq!(check(Permission::PrivateExtra), Ok(()));
}

pub fn guard(permission: Permission, names: Arc<dyn Resolver>) -> Guard {
    Guard { names, permission, timeout: Duration::from_secs(5) }
}

/// Answers the same question differently each time, as a name server that means harm would.
pub struct Rebinding {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
}

impl Rebinding {
    pub fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |text: &&str| SocketAddr::new(text.parse().unwrap(), 0);
        let answers = answers.iter().map(|addresses| addresses.iter().map(read).collect());
        Arc::new(Self { answers: Mutex::new(answers.collect()) })
    }

    pub fn left(&self) -> usize {
        self.answers.lock().unwrap().len()
    }
}

impl Resolver for Rebinding {
    fn resolve(&self, _: String) -> ResolveFuture {
        let answer = self.answers.lock().unwrap().pop_front().expect("asked more often than told");
        Box::pin(async move { Ok(answer) })
    }
}

async fn resolved(guard: &Guard) -> Result<Vec<String>, Option<NotPublic>> {
    let outcome = guard.resolve("acme.auth0.com".parse().unwrap()).await;
    let addresses = outcome.map_err(|fault| fault.downcast_ref::<NotPublic>().copied())?;
    Ok(addresses.map(|address| address.ip().to_string()).collect())
}

#[tokio::test]
async fn a_name_that_rebinds_to_a_private_address_is_refused_on_every_resolution() {
    let names = Rebinding::new(&[
        &["8.8.8.8"],
        &["127.0.0.1"],
        &["8.8.8.8", "10.0.0.1"],
        &["2606:4700::1", "::ffff:169.254.169.254"],
    ]);
    let guard = guard(Permission::Auth0, names.clone());
    assert_eq!(resolved(&guard).await, Ok(vec!["8.8.8.8".to_owned()]));
    for inside in ["127.0.0.1", "10.0.0.1", "::ffff:169.254.169.254"] {
        // A mix is refused as a whole.
        assert_eq!(resolved(&guard).await, Err(Some(NotPublic(inside.parse().unwrap()))));
    }
    assert_eq!(names.left(), 0);
}

#[tokio::test]
async fn a_name_with_a_private_address_is_refused_with_a_typed_error() {
    let guard = guard(Permission::Auth0, Arc::new(SystemResolver));
    let fault = guard.resolve("localhost".parse().unwrap()).await.map(|_| ()).unwrap_err();
    assert!(fault.downcast_ref::<NotPublic>().is_some(), "{fault}");
}

proptest! {
    #[test]
    fn every_notation_of_an_ipv4_address_is_treated_alike(bits: u32) {
        let v4 = Ipv4Addr::from(bits);
        let [a, b, c, d] = v4.octets();
        let (h, l) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let expected = is_global_unicast(v4.into());
        for form in [
            v4.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, h, l),
            Ipv6Addr::new(0x2002, h, l, 0, 0, 0, 0, 1),
        ] {
            prop_assert_eq!(is_global_unicast(form.into()), expected);
        }
        // The standard library knows these by itself.
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_documentation() || v4.is_broadcast() || v4.is_unspecified() {
            prop_assert!(!expected);
        }
    }
}

/// Never answers.
struct Silent;

impl Resolver for Silent {
    fn resolve(&self, _: String) -> ResolveFuture {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn name_servers_that_do_not_respond_time_out() {
    let guard = guard(Permission::Extra, Arc::new(Silent));
    let guard = Guard { timeout: Duration::from_millis(20), ..guard };
    let asked = guard.resolve("acme.internal".parse().unwrap());
    let asked = tokio::time::timeout(Duration::from_secs(10), asked).await.expect("given up");
    let fault = asked.map(|_| ()).unwrap_err();
    assert!(fault.downcast_ref::<DnsTimeout>().is_some(), "{fault}");
}
