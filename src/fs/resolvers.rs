//! The DNS servers that this system asks, as its `resolv.conf` names them.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Where they are written, on systems that write them into a file.
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// The port of DNS (RFC 1035 section 4.2).
const PORT: u16 = 53;
/// The C library asks no more of them.
const MAX_RESOLVERS: usize = 3;

/// The DNS servers that this system asks; none where they are not in `/etc/resolv.conf` (Windows has no such file).
pub fn system_resolvers() -> Vec<SocketAddr> {
    read_resolvers(Path::new(RESOLV_CONF))
}

/// The DNS servers in a file like `resolv.conf`. What is not understood is passed over, as the C library does; an address
/// with a zone (`fe80::1%eth0`) is not understood here.
fn read_resolvers(path: &Path) -> Vec<SocketAddr> {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let addresses = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address: IpAddr = (words.next()? == "nameserver").then(|| words.next()?.parse().ok())??;
        Some(SocketAddr::new(address, PORT))
    });
    addresses.take(MAX_RESOLVERS).collect()
}

#[cfg(test)]
mod tests {
    use super::read_resolvers;

    #[test]
    fn the_servers_of_resolv_conf_are_read_in_their_order() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("resolv.conf");
        let text = "# nameserver 192.0.2.9\nsearch corp.test\nnameserver 192.0.2.1 # first\n nameserver\t2001:db8::1\n\
                    nameserver fe80::1%eth0\nnameserver\noptions edns0\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
        std::fs::write(&path, text).unwrap();
        let read: Vec<String> = read_resolvers(&path).iter().map(ToString::to_string).collect();
        assert_eq!(read, ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"]);
        assert!(read_resolvers(&home.path().join("none")).is_empty());
    }
}
