//! Which addresses may be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address is from us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reach {
    /// On the internet.
    Public,
    /// This machine or a network inside: only hosts the operator listed.
    Inside,
    /// Nobody's, many machines', or a cloud's metadata service, which gives credentials to whoever asks: never.
    Never,
}

/// Metadata services of clouds that stand at public or shared addresses (Azure, Alibaba, Oracle).
const METADATA_V4: &[Ipv4Addr] = &[
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];
/// Amazon's and Google's over IPv6.
const METADATA_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// How far an address is, by the registries of special addresses of IANA (RFC 6890). IPv4 addresses inside IPv6 ones
/// count as what they are.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if METADATA_V4.contains(&address) {
        return Reach::Never;
    }
    match address.octets() {
        // This network; multicast; reserved and broadcast.
        [0 | 224..=255, ..] => Reach::Never,
        // Documentation; benchmarks; protocol assignments and the former 6to4 relays.
        [192, 0, 0 | 2, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => {
            Reach::Never
        }
        // Loopback; private; carrier-grade translation; link-local.
        [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] | [169, 254, ..] => {
            Reach::Inside
        }
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Reach::Never;
    }
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Inside;
    }
    let low = |words: [u16; 8]| {
        let [a, b] = words[6].to_be_bytes();
        let [c, d] = words[7].to_be_bytes();
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // IPv4-mapped, and translated by the well-known prefix (RFC 6052).
        words @ ([0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _]) => low(words),
        // Protocol assignments with Teredo; documentation; 6to4, which may lead anywhere.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Reach::Never,
        // Global unicast.
        [0x2000..=0x3fff, ..] => Reach::Public,
        // Unique local; link-local.
        [0xfc00..=0xfdff | 0xfe80..=0xfebf, ..] => Reach::Inside,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_as_far_as_the_registries_say() {
        for (want, addresses) in [
            (
                Reach::Public,
                &[
                    "1.1.1.1",
                    "9.9.9.9",
                    "100.63.255.255",
                    "100.128.0.1",
                    "172.15.0.1",
                    "172.32.0.1",
                    "192.0.1.1",
                    "198.17.0.1",
                    "223.255.255.255",
                    "2606:4700::1111",
                    "2a00:1450::1",
                    "2001:4860:4860::8888",
                    "2001:200::1",
                    "::ffff:1.1.1.1",
                    "64:ff9b::101:101",
                ][..],
            ),
            (
                Reach::Inside,
                &[
                    "127.0.0.1",
                    "127.255.255.254",
                    "10.1.2.3",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "100.64.0.1",
                    "100.127.255.255",
                    "169.254.1.1",
                    "::1",
                    "::ffff:127.0.0.1",
                    "::ffff:10.0.0.1",
                    "64:ff9b::a00:1",
                    "fc00::1",
                    "fdff::1",
                    "fe80::1",
                    "febf::1",
                ][..],
            ),
            (
                Reach::Never,
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "169.254.169.254",
                    "169.254.170.2",
                    "168.63.129.16",
                    "100.100.100.200",
                    "192.0.0.192",
                    "192.0.0.8",
                    "192.0.2.1",
                    "198.18.0.1",
                    "198.51.100.1",
                    "203.0.113.1",
                    "192.88.99.1",
                    "224.0.0.1",
                    "239.1.1.1",
                    "240.0.0.1",
                    "255.255.255.255",
                    "::",
                    "::127.0.0.1",
                    "::ffff:169.254.169.254",
                    "::ffff:0.0.0.0",
                    "64:ff9b::a9fe:a9fe",
                    "64:ff9b:1::1",
                    "100::1",
                    "2001::1",
                    "2001:db8::1",
                    "2002:7f00:1::",
                    "3fff::1",
                    "4000::1",
                    "5f00::1",
                    "fd00:ec2::254",
                    "fd20:ce::254",
                    "fec0::1",
                    "ff02::1",
                ][..],
            ),
        ] {
            for address in addresses {
                assert_eq!(reach(address.parse().unwrap()), want, "{address}");
            }
        }
    }
}
