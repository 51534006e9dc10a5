//! Which network addresses may be called: one table, and what the operator allows beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base::net::Range;
use base::web::Address;

/// The ports that are called where the operator says nothing else.
const PORTS: [u16; 2] = [443, 8443];

/// Ranges of IPv4 that are nobody's on the internet, or a machine's own.
/// Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates); 224/4 from the IANA IPv4 Multicast
/// Address Space Registry, 240/4 from RFC 1112 section 4. `192.88.99.0/24` was deprecated by RFC 7526.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),          // this network: RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8),         // private: RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10),      // shared by carriers, and clouds' metadata: RFC 6598
    (Ipv4Addr::new(127, 0, 0, 0), 8),        // loopback: RFC 1122
    (Ipv4Addr::new(169, 254, 0, 0), 16),     // link local, and clouds' metadata: RFC 3927
    (Ipv4Addr::new(172, 16, 0, 0), 12),      // private: RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24),       // IETF protocol assignments: RFC 6890
    (Ipv4Addr::new(192, 0, 2, 0), 24),       // documentation: RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24),     // 6to4 relays: RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16),     // private: RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15),      // benchmarks: RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24),    // documentation: RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24),     // documentation: RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4),        // multicast: RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4),        // reserved: RFC 1112
    (Ipv4Addr::new(255, 255, 255, 255), 32), // broadcast: RFC 8190
    (Ipv4Addr::new(168, 63, 129, 16), 32),   // a cloud's own services, reachable from its machines alone
];

/// Ranges within 2000::/3, which alone is assigned as global unicast, that are not.
/// Source: IANA IPv6 Special-Purpose Address Registry and IANA IPv6 Global Unicast Address Assignments. What embeds an
/// IPv4 address (mapped, compatible, NAT64) is outside of 2000::/3, but for 6to4 and Teredo.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments, Teredo: RFC 2928, 4380
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation: RFC 3849
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: RFC 3056
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16), // returned 6bone: RFC 3701
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation: RFC 9637
];

/// The global unicast addresses of IPv6: RFC 4291 section 2.4, as assigned by IANA.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether an address is anything but an ordinary one on the internet.
pub fn is_special(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => SPECIAL_V4.iter().any(|(net, bits)| same(v4.to_bits(), net.to_bits(), 32 - bits)),
        IpAddr::V6(v6) => {
            let within =
                |(net, bits): &(Ipv6Addr, u32)| v6.to_bits() >> (128 - bits) == net.to_bits() >> (128 - bits);
            !within(&GLOBAL_V6) || SPECIAL_V6.iter().any(within)
        }
    }
}

fn same(a: u32, b: u32, shift: u32) -> bool {
    a >> shift == b >> shift
}

/// What may be called.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allowed: Vec<Range>,
}

impl Policy {
    /// Ordinary addresses over https, and these ranges over http, on any port.
    pub fn allowing(allowed: Vec<Range>) -> Policy {
        Policy { allowed }
    }

    fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|range| range.has(address.to_canonical()))
    }

    /// Whether this address may be connected to for that URL.
    pub fn may_connect(&self, url: &Address, address: IpAddr) -> bool {
        self.allows(address) || (url.is_secure() && has_usual_port(url) && !is_special(address))
    }

    /// Whether it might be, as far as the text says.
    pub fn might_call(&self, url: &Address) -> bool {
        match literal(url) {
            Some(address) => self.may_connect(url, address),
            None => !self.allowed.is_empty() || (url.is_secure() && has_usual_port(url)),
        }
    }
}

fn has_usual_port(url: &Address) -> bool {
    url.url().port_or_known_default().is_some_and(|port| PORTS.contains(&port))
}

/// The network address that stands in the place of a name.
pub(super) fn literal(url: &Address) -> Option<IpAddr> {
    let host = url.url().host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORBIDDEN: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:1::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "3ffe::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "feff::1",
        "ff02::1",
        "4000::1",
        "1fff::1",
    ];

    const ORDINARY: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2a00:1450::1",
        "2620:fe::fe",
        "::ffff:8.8.8.8",
    ];

    #[test]
    fn only_ordinary_addresses_are_ordinary() {
        for text in FORBIDDEN {
            assert!(is_special(text.parse().unwrap()), "{text}");
        }
        for text in ORDINARY {
            assert!(!is_special(text.parse().unwrap()), "{text}");
        }
    }

    fn might(policy: &Policy, text: &str) -> bool {
        Address::parse(text).is_some_and(|url| policy.might_call(&url))
    }

    #[test]
    fn no_spelling_of_a_forbidden_address_gets_through() {
        let policy = Policy::default();
        let mut hosts: Vec<String> = Vec::new();
        for text in FORBIDDEN {
            let address: IpAddr = text.parse().unwrap();
            match address {
                IpAddr::V4(v4) => {
                    let [a, b, c, d] = v4.octets();
                    let whole = v4.to_bits();
                    hosts.extend([
                        v4.to_string(),
                        whole.to_string(),
                        format!("0x{whole:x}"),
                        format!("0{whole:o}"),
                        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
                        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
                        format!("{a}.{b}.{}", u32::from(c) * 256 + u32::from(d)),
                        format!("[::ffff:{v4}]"),
                        format!("[::ffff:{:x}:{:x}]", whole >> 16, whole & 0xffff),
                        format!("[::{v4}]"),
                        format!("[64:ff9b::{v4}]"),
                        format!("[2002:{:x}:{:x}::]", whole >> 16, whole & 0xffff),
                        format!("{v4}."),
                    ]);
                }
                IpAddr::V6(v6) => {
                    hosts.extend([format!("[{v6}]"), format!("[{v6}%25eth0]"), format!("[{v6}%eth0]")])
                }
            }
        }
        hosts.extend(
            [
                "１２７.0.0.1",
                "127。0。0。1",
                "①②⑦.0.0.1",
                "127.0.0.1%00.example.com",
                "user@127.0.0.1",
                "127.1",
                "0",
            ]
            .map(str::to_owned),
        );
        assert!(hosts.len() >= 200, "only {}", hosts.len());
        for host in hosts {
            for url in [format!("https://{host}/"), format!("https://{host}:8443/x?y=1")] {
                assert!(!might(&policy, &url), "{url}");
            }
        }
    }

    #[test]
    fn https_on_two_ports_unless_the_operator_allows_more() {
        let (usual, demo) = (Policy::default(), Policy::allowing(vec![Range::parse("127.0.0.0/8").unwrap()]));
        for (url, by_default, in_a_demo) in [
            ("https://8.8.8.8/", true, true),
            ("https://8.8.8.8:8443/", true, true),
            ("https://8.8.8.8:22/", false, false),
            ("http://8.8.8.8/", false, false),
            ("https://agency.example/", true, true),
            ("http://agency.example/", false, true),
            ("http://127.0.0.1:3000/", false, true),
            ("https://10.0.0.1/", false, false),
            ("https://[::ffff:127.0.0.1]:5/", false, true),
        ] {
            assert_eq!((might(&usual, url), might(&demo, url)), (by_default, in_a_demo), "{url}");
        }
        // What a name might be is decided by what it turns out to be.
        let url = Address::parse("http://agency.example/").unwrap();
        assert!(!demo.may_connect(&url, "8.8.8.8".parse().unwrap()));
        assert!(demo.may_connect(&url, "127.0.0.1".parse().unwrap()));
        let odd = Address::parse("https://agency.example:25/").unwrap();
        assert!(!demo.may_connect(&odd, "8.8.8.8".parse().unwrap()));
    }
}
