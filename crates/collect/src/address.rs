//! Network addresses: the one module that knows them. Elsewhere an address is a sealed value that can be asked for
//! its place, be hashed, or be cut down to what a manifest keeps.

use crate::Error;
use http::HeaderMap;
use smol_str::{SmolStr, format_smolstr};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use vocabulary::IpKeeping;

/// A network address. `Debug` prints `[sealed]`; an IPv4 address written as IPv6 (`::ffff:…`) is an IPv4 address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl Address {
    fn of(ip: IpAddr) -> Self {
        Self(ip.to_canonical())
    }

    /// Reads an address as proxies and people write it: with or without port, brackets, quotes, zone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"').trim();
        if text.len() > 64 {
            return None;
        }
        let bare = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?.0,
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => host,
                _ => text,
            },
        };
        let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
        bare.parse().ok().map(Self::of)
    }

    /// The network only, as text: 24 bits of an IPv4 address, 48 of an IPv6 address.
    pub fn truncated(self) -> SmolStr {
        match self.0 {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format_smolstr!("{}", Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                format_smolstr!("{}", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }

    /// The whole address as text. Only for the `ip` column of a site whose manifest says `full`.
    pub fn full(self) -> SmolStr {
        format_smolstr!("{}", self.0)
    }

    /// What a manifest keeps of the address.
    pub fn kept(self, keeping: IpKeeping) -> Option<SmolStr> {
        match keeping {
            IpKeeping::None => None,
            IpKeeping::Truncated => Some(self.truncated()),
            IpKeeping::Full => Some(self.full()),
        }
    }

    /// The address as 16 bytes (IPv4 as `::ffff:a.b.c.d`), for hashing.
    pub fn octets(self) -> [u8; 16] {
        match self.0 {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        }
    }

    /// Whether it is this very machine's.
    pub fn is_loopback(self) -> bool {
        self.0.to_canonical().is_loopback()
    }

    /// Whether it belongs to the open internet: not loopback, private, link-local, shared (RFC 6598) or unspecified.
    pub fn is_public(self) -> bool {
        match self.0 {
            IpAddr::V4(v4) => {
                let [a, b, ..] = v4.octets();
                !(v4.is_private()
                    || v4.is_loopback()
                    || v4.is_link_local()
                    || v4.is_unspecified()
                    || v4.is_broadcast()
                    || (a == 100 && (64..128).contains(&b)))
            }
            IpAddr::V6(v6) => {
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local())
            }
        }
    }

    /// The address for look-ups in this crate.
    pub(crate) fn ip(self) -> IpAddr {
        self.0
    }
}

/// The other end of a connection. Made from what `accept` gives: `peer.into()`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Peer(Address);

impl Peer {
    /// A peer on this machine, for callers without a connection.
    pub const LOCAL: Self = Self(Address(IpAddr::V4(Ipv4Addr::LOCALHOST)));

    /// Its address.
    pub fn address(self) -> Address {
        self.0
    }
}

impl From<SocketAddr> for Peer {
    fn from(socket: SocketAddr) -> Self {
        Self(Address::of(socket.ip()))
    }
}

impl From<Address> for Peer {
    fn from(address: Address) -> Self {
        Self(address)
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// A range of addresses, written `192.0.2.0/24`, `2001:db8::/32` or as a single address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: u128,
    mask: u128,
}

fn bits(address: Address) -> u128 {
    u128::from_be_bytes(address.octets())
}

impl Network {
    /// Whether the address is in the range.
    pub fn contains(&self, address: Address) -> bool {
        bits(address) & self.mask == self.address
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::Setting {
            setting: text.into(),
            why: "a network is an address with or without a length, such as 192.0.2.0/24",
        };
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address = Address::parse(address).ok_or_else(bad)?;
        let width = if address.0.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(width), str::parse::<u32>).map_err(|_| bad())?;
        if length > width {
            return Err(bad());
        }
        let host_bits = width - length;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Ok(Self {
            address: bits(address) & mask,
            mask,
        })
    }
}

/// The header in which a trusted proxy says whom it speaks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, and `Forwarded` where the former is absent. Right for proxies that always set the former.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239) alone.
    Forwarded,
    /// A header with one address, such as `CF-Connecting-IP` or `X-Real-IP`.
    Named(http::HeaderName),
}

/// The proxies that may speak for a client, and how they do it.
#[derive(Clone, Default)]
pub struct Proxies {
    /// Their addresses; if empty, no header is ever believed.
    pub networks: Vec<Network>,
    /// The header they set.
    pub header: ForwardedBy,
}

impl Proxies {
    fn trusts(&self, address: Address) -> bool {
        self.networks.iter().any(|n| n.contains(address))
    }

    /// The client's address: that of the peer unless the peer is one of these proxies; else the last address in
    /// the header, read from the right, that is no proxy. What a client wrote itself stands further left and is
    /// never reached. A hop that cannot be read ends the search at the hop before it.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Address {
        let mut client = peer.address();
        if self.networks.is_empty() || !self.trusts(client) {
            return client;
        }
        let mut walk = |hop: Option<Address>| match hop {
            Some(address) => {
                client = address;
                self.trusts(address)
            }
            None => false,
        };
        let lines = |name: &http::HeaderName| {
            headers
                .get_all(name)
                .iter()
                .map(|line| line.to_str().unwrap_or("?"))
                .collect::<Vec<_>>()
        };
        let x_forwarded_for = http::HeaderName::from_static("x-forwarded-for");
        match &self.header {
            ForwardedBy::Named(name) => {
                walk(lines(name).last().and_then(|line| Address::parse(line)));
            }
            ForwardedBy::XForwardedFor if headers.contains_key(&x_forwarded_for) => {
                let lines = lines(&x_forwarded_for);
                let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
                while hops.next().is_some_and(|hop| walk(Address::parse(hop))) {}
            }
            ForwardedBy::XForwardedFor | ForwardedBy::Forwarded => {
                let lines = lines(&http::header::FORWARDED);
                let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
                while hops.next().is_some_and(|hop| walk(forwarded_for(hop))) {}
            }
        }
        client
    }
}

/// The address after `for=` of one element of a `Forwarded` header.
fn forwarded_for(element: &str) -> Option<Address> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name.trim().eq_ignore_ascii_case("for")).then(|| Address::parse(value))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> Option<SmolStr> {
        Address::parse(text).map(Address::full)
    }

    #[test]
    fn addresses_read_as_proxies_write_them() {
        for (text, want) in [
            ("192.0.2.7", Some("192.0.2.7")),
            (" 192.0.2.7:4711 ", Some("192.0.2.7")),
            ("\"[2001:db8::1]:4711\"", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("192.0.2.700", None),
            ("[2001:db8::1", None),
        ] {
            assert_eq!(full(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_manifest_keeps_what_it_says() {
        for (text, keeping, want) in [
            ("192.0.2.7", IpKeeping::None, None),
            ("192.0.2.7", IpKeeping::Truncated, Some("192.0.2.0")),
            ("192.0.2.7", IpKeeping::Full, Some("192.0.2.7")),
            ("2001:db8:1:2:3::4", IpKeeping::Truncated, Some("2001:db8:1::")),
        ] {
            assert_eq!(Address::parse(text).unwrap().kept(keeping).as_deref(), want);
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        for (network, address, want) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db8::1", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(Address::parse(address).unwrap()), want);
        }
        for text in ["", "192.0.2.0/33", "192.0.2.0/-1", "a/8", "2001:db8::/129"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_configured_proxies_are_believed_and_only_about_their_own_client() {
        let proxies = |header| Proxies {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            header,
        };
        let auto = proxies(ForwardedBy::XForwardedFor);
        let forwarded = proxies(ForwardedBy::Forwarded);
        let named = proxies(ForwardedBy::Named("x-real-ip".parse().unwrap()));
        let none = Proxies::default();
        let xff = "x-forwarded-for";
        for (proxies, peer, headers, want) in [
            (&none, "10.0.0.1", vec![(xff, "203.0.113.9")], "10.0.0.1"),
            (&auto, "192.0.2.1", vec![(xff, "203.0.113.9")], "192.0.2.1"),
            (&auto, "10.0.0.1", vec![(xff, "203.0.113.9")], "203.0.113.9"),
            (
                &auto,
                "10.0.0.1",
                vec![(xff, "6.6.6.6, 203.0.113.9, 10.0.0.2")],
                "203.0.113.9",
            ),
            (
                &auto,
                "10.0.0.1",
                vec![(xff, "6.6.6.6"), (xff, "203.0.113.9:55, 10.0.0.2")],
                "203.0.113.9",
            ),
            (
                &auto,
                "10.0.0.1",
                vec![(xff, "6.6.6.6, garbage, 10.0.0.2")],
                "10.0.0.2",
            ),
            (&auto, "10.0.0.1", vec![(xff, "")], "10.0.0.1"),
            (&auto, "10.0.0.1", vec![], "10.0.0.1"),
            (
                &auto,
                "10.0.0.1",
                vec![("forwarded", "for=203.0.113.9;proto=https")],
                "203.0.113.9",
            ),
            (
                &auto,
                "10.0.0.1",
                vec![(xff, "203.0.113.9"), ("forwarded", "for=6.6.6.6")],
                "203.0.113.9",
            ),
            (
                &forwarded,
                "10.0.0.1",
                vec![
                    (xff, "6.6.6.6"),
                    ("forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:80\";by=x"),
                ],
                "2001:db8::1",
            ),
            (
                &forwarded,
                "10.0.0.1",
                vec![("forwarded", "for=unknown")],
                "10.0.0.1",
            ),
            (
                &named,
                "10.0.0.1",
                vec![("x-real-ip", "203.0.113.9"), (xff, "6.6.6.6")],
                "203.0.113.9",
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                map.append(*name, value.parse().unwrap());
            }
            let peer = Peer::from(Address::parse(peer).unwrap());
            assert_eq!(proxies.client(peer, &map).full(), want, "{peer:?} {headers:?}");
        }
    }

    #[test]
    fn nothing_here_prints_an_address() {
        let address = Address::parse("203.0.113.9").unwrap();
        let network: Network = "203.0.113.9".parse().unwrap();
        let shown = format!("{address:?} {:?} {network:?}", Peer::from(address));
        assert!(!shown.contains("203"), "{shown}");
    }
}
