//! Which machines may be asked. What a name means is decided once, and that address is
//! the one connected to: a name server that says something else the second time (DNS
//! rebinding) gains nothing.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

/// Finds machines by their names, and refuses those of private networks.
#[derive(Clone)]
pub(crate) struct Guard {
    allow_private: bool,
    /// What was refused last, by name; the error that comes through the client has lost it.
    refused: Arc<Mutex<Vec<(String, IpAddr)>>>,
}

impl Guard {
    pub(crate) fn new(allow_private: bool) -> Self {
        Self {
            allow_private,
            refused: Arc::default(),
        }
    }

    /// Why a host was refused, if it was.
    pub(crate) fn refused(&self, host: &str) -> Option<IpAddr> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = refused.iter().rev();
        found.find(|(name, _)| name == host).map(|&(_, ip)| ip)
    }
}

impl ureq::Resolver for Guard {
    /// The addresses of `netloc`, `host:port`, that may be asked.
    fn resolve(&self, netloc: &str) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = netloc.to_socket_addrs()?.collect();
        if self.allow_private {
            return Ok(found);
        }
        let (public, private): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|address| is_public(address.ip()));
        match private.first() {
            // One private address among public ones is a trick, not a machine.
            Some(address) => {
                let host = netloc.rsplit_once(':').map_or(netloc, |(host, _)| host);
                let host = host.trim_matches(['[', ']']).to_owned();
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.retain(|(name, _)| *name != host);
                refused.push((host, address.ip()));
                Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!("{} is an address of a private network", address.ip()),
                ))
            }
            None => Ok(public),
        }
    }
}

/// Whether an address is one of the public network: none of those that IANA's registries
/// of special-purpose addresses set apart.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let within = |network: [u8; 4], bits: u32| {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        (u32::from(ip) ^ u32::from(Ipv4Addr::from(network))) & mask == 0
    };
    ![
        ([0, 0, 0, 0], 8),       // this network
        ([10, 0, 0, 0], 8),      // private
        ([100, 64, 0, 0], 10),   // behind a provider's translation
        ([127, 0, 0, 0], 8),     // this machine
        ([169, 254, 0, 0], 16),  // link-local, and clouds' metadata
        ([172, 16, 0, 0], 12),   // private
        ([192, 0, 0, 0], 24),    // protocol assignments
        ([192, 0, 2, 0], 24),    // documentation
        ([192, 88, 99, 0], 24),  // relays
        ([192, 168, 0, 0], 16),  // private
        ([198, 18, 0, 0], 15),   // benchmarks
        ([198, 51, 100, 0], 24), // documentation
        ([203, 0, 113, 0], 24),  // documentation
        ([224, 0, 0, 0], 4),     // multicast
        ([240, 0, 0, 0], 4),     // reserved, broadcast
    ]
    .into_iter()
    .any(|(network, bits)| within(network, bits))
}

/// An address of the old kind within one of the new: mapped, compatible, translated (also
/// by a local prefix), 6to4 and Teredo's server.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] | [0, 0, 0, 0, 0xFFFF, 0, high, low] => {
            Some(of(high, low))
        }
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => Some(of(high, low)),
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    // Global unicast is 2000::/3; the rest is loopback, unspecified, link-local,
    // site-local, unique-local, multicast, discard, local translation or unassigned.
    let is_global = segments[0] & 0xE000 == 0x2000;
    let is_set_apart = match segments {
        // Protocol assignments, Teredo and ORCHID among them, and documentation.
        [0x2001, second, ..] => second < 0x0200 || second == 0x0DB8,
        [0x3FFF, second, ..] => second < 0x1000,
        _ => false,
    };
    is_global && !is_set_apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::Resolver;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn names_of_this_machine_are_refused_and_remembered() {
        let guard = Guard::new(false);
        assert!(guard.resolve("localhost:80").is_err());
        assert!(guard.refused("localhost").unwrap().is_loopback());
        assert!(guard.resolve("[::1]:80").is_err());
        assert!(guard.refused("::1").is_some());
        // Other ways to write 127.0.0.1.
        assert!(guard.resolve("127.0.0.1:80").is_err());
        assert!(Guard::new(true).resolve("localhost:80").is_ok());
    }
}
