//! `krb5.conf` as far as a client needs it: realms, their KDCs, and which host is in which realm.
//!
//! What is not understood is passed over, as every Kerberos does: a file like this serves many programs. Files that it
//! includes are named, not read.

use super::Etype;
use super::cipher::list;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What is known about realms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// The realm of principals that name none.
    pub default_realm: Option<String>,
    /// Where the credential cache is, as written.
    pub default_ccache_name: Option<String>,
    /// Messages of at most so many octets go by UDP first; 0, the default, means TCP always.
    pub udp_preference_limit: usize,
    /// Whether KDCs may not be looked up in the DNS.
    pub no_dns_lookup: bool,
    /// `permitted_enctypes`: the ciphers that may be used at all, the best first; none means that nothing was said.
    pub permitted_etypes: Option<Vec<Etype>>,
    /// `default_tkt_enctypes`: those for logging in.
    pub login_etypes: Option<Vec<Etype>>,
    /// `default_tgs_enctypes`: those for the tickets of services.
    pub service_etypes: Option<Vec<Etype>>,
    /// The DNS servers that are asked for the KDCs of a realm where none is written; those of the system, which `krb5.conf`
    /// does not name.
    pub resolvers: Vec<SocketAddr>,
    /// The KDCs of realms, as `host` or `host:port`, in their order.
    kdcs: BTreeMap<String, Vec<String>>,
    /// Hosts, or domains with a dot before them, in lower case, and their realms.
    hosts: BTreeMap<String, String>,
}

/// A file or directory that a configuration includes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "krb5.conf has these two")]
pub enum Include {
    /// `include FILE`.
    File(String),
    /// `includedir DIRECTORY`.
    Directory(String),
}

impl Config {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a text says; what was said before it counts more. Returns what it includes.
    pub fn read(&mut self, text: &str) -> Vec<Include> {
        let mut includes = Vec::new();
        let (mut section, mut realm) = (String::new(), None::<String>);
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
            if let Some((word, path)) = line.split_once(char::is_whitespace) {
                match word {
                    "include" => includes.push(Include::File(path.trim().to_owned())),
                    "includedir" => includes.push(Include::Directory(path.trim().to_owned())),
                    _ => {}
                }
            }
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
                name.trim().clone_into(&mut section);
                realm = None;
            } else if line.starts_with('}') {
                realm = None;
            } else if let Some((name, value)) = line.split_once('=') {
                let (name, value) = (name.trim().trim_end_matches('*'), value.trim().trim_end_matches('*'));
                match (section.as_str(), &realm) {
                    ("realms", None) if value.starts_with('{') => realm = Some(name.to_owned()),
                    ("realms", Some(realm)) if name == "kdc" => self.add_kdc(realm, value),
                    ("domain_realm", _) => {
                        self.hosts.entry(name.to_ascii_lowercase()).or_insert_with(|| value.to_owned());
                    }
                    ("libdefaults", _) => self.read_default(name, value),
                    _ => {}
                }
            }
        }
        includes
    }

    /// One line of `[libdefaults]`.
    fn read_default(&mut self, name: &str, value: &str) {
        match name {
            "default_realm" => {
                self.default_realm.get_or_insert_with(|| value.to_owned());
            }
            "default_ccache_name" => {
                self.default_ccache_name.get_or_insert_with(|| value.to_owned());
            }
            "udp_preference_limit" => self.udp_preference_limit = value.parse().unwrap_or(0),
            "dns_lookup_kdc" => self.no_dns_lookup = matches!(value, "false" | "no" | "off" | "0" | "n" | "f" | "nil"),
            "permitted_enctypes" => first(&mut self.permitted_etypes, value),
            "default_tkt_enctypes" => first(&mut self.login_etypes, value),
            "default_tgs_enctypes" => first(&mut self.service_etypes, value),
            _ => {}
        }
    }

    /// One more KDC of a realm: `host`, `host:port`; the prefixes `tcp/` and `udp/` are left out.
    pub fn add_kdc(&mut self, realm: &str, kdc: &str) {
        let kdc = kdc.strip_prefix("tcp/").or_else(|| kdc.strip_prefix("udp/")).unwrap_or(kdc);
        self.kdcs.entry(realm.to_owned()).or_default().push(kdc.to_owned());
    }

    /// The KDCs of a realm, in their order; none if it must be looked up.
    pub fn kdcs(&self, realm: &str) -> &[String] {
        self.kdcs.get(realm).map(Vec::as_slice).unwrap_or_default()
    }

    /// The realm of a host, as far as it is written: its own line, or that of the closest domain.
    pub fn realm_of(&self, host: &str) -> Option<&str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let mut domains = host.match_indices('.').map(|(at, _)| host.get(at..).unwrap_or_default());
        let found = self.hosts.get(&host).or_else(|| domains.find_map(|domain| self.hosts.get(domain)));
        found.map(String::as_str)
    }
}

/// Takes a list of ciphers, unless one was given before.
fn first(place: &mut Option<Vec<Etype>>, value: &str) {
    place.get_or_insert_with(|| list::read(value));
}
