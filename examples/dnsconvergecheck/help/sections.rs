//! What closes the long help: sections, each for the verbs that it is about. No line is longer than 78 characters, so that a
//! screen of 80 shows them as they are written.

/// A section of the long help.
pub(crate) struct Section {
    /// The verbs that it is about.
    verbs: &'static [&'static str],
    /// Its heading, by itself on the first line, and its text.
    text: &'static str,
}

/// All sections, or those of one verb. Where all are shown, a heading that several have says whose each is.
pub(crate) fn sections(verb: Option<&str>) -> String {
    let wanted = SECTIONS.iter().filter(|section| verb.is_none_or(|verb| section.verbs.contains(&verb)));
    let texts = wanted.map(|section| match section.text.split_once('\n') {
        Some((heading, text)) if verb.is_none() && has_namesake(heading) => {
            format!("{heading} of {}\n{text}", section.verbs.join(", "))
        }
        _ => section.text.to_owned(),
    });
    texts.collect::<Vec<String>>().join("\n\n")
}

/// Whether several sections have this heading.
fn has_namesake(heading: &str) -> bool {
    SECTIONS.iter().filter(|section| section.text.lines().next() == Some(heading)).count() > 1
}

/// The sections, in their order.
const SECTIONS: &[Section] = &[
    Section {
        verbs: &["check"],
        text: "EXIT STATUS
  The highest that applies:
  0  The probe arrived everywhere and (unless not compared) the zones are
     equal; or --help or -V was asked for.
  1  Not converged by the deadline, or the zones are different, or equal with
     a finding: a zone that is not what its own ZONEMD record says, or that
     holds nothing but its SOA on all sides.
  2  Could not tell: wrong usage, a refusal, a failed pre-flight, a broken
     transfer. No probe is left.
  3  A probe may be left behind. The nsupdate lines that remove it are
     printed; `sweep` does the same.",
    },
    Section {
        verbs: &["diff"],
        text: "EXIT STATUS
  The highest that applies; nothing is written, so nothing can be left:
  0  The zones are equal.
  1  They are different, or equal with a finding: a zone that is not what its
     own ZONEMD record says, or that holds nothing but its SOA on all sides.
  2  Could not tell: wrong usage, a refused or broken transfer, a zone that
     does not stand still, a file that cannot be read; or with --without-axfr
     no difference was found, unless --accept-partial.",
    },
    Section {
        verbs: &["fetch"],
        text: "EXIT STATUS
  0  The file was written.
  1  The file was written, and the zone is not what its own ZONEMD record
     says.
  2  Nothing was written: wrong usage, a refused or broken transfer, a zone
     that is too large or a file that cannot be written.",
    },
    Section {
        verbs: &["cutover"],
        text: "EXIT STATUS
  0  OLD can be switched off now.
  1  OLD is still needed: until the time that is printed, or as long as it is
     named.
  2  It cannot be said: wrong usage, or too little is known, which is listed.",
    },
    Section {
        verbs: &["sweep"],
        text: "EXIT STATUS
  The highest that applies:
  0  Nothing is left; or --dry-run has listed what is.
  2  Could not tell: wrong usage, a journal or a zone that cannot be read, no
     key.
  3  A probe may be left. The nsupdate lines that remove it are printed.",
    },
    Section {
        verbs: &["demo"],
        text: "EXIT STATUS
  0  The demonstration showed what it should.
  2  It did not: a server could not be started.",
    },
    Section {
        verbs: &["check"],
        text: "WITHOUT AN UPDATE
  --observe NAME TYPE writes nothing and needs no key. What SOURCE holds there
  is the measure, and every address of every destination must show exactly
  that set, TTL included (--ignore-ttl leaves it out), as often in a row as a
  probe. Change it by hand before or during the run. Without --rdata a run in
  which nothing changes and nothing differs proves nothing of propagation and
  ends with 2; the zones are compared all the same. For a serial: --observe @
  SOA.",
    },
    Section {
        verbs: &["check"],
        text: "BOTH WAYS
  With --both-ways (and --ad) every server named is the source in turn, the
  others its destinations. One direction after the other, each with its own
  deadline, clean-up and result: a line of JSON for each zone and direction.
  The zones are compared once, in the result of the last, wherever one has
  converged. A direction that fails ends no other; a signal lets no further
  one begin. Keys stay with the servers as named: --destination-update-key
  (or behind the server ?update-key=FILE[:NAME]) signs the updates at those
  named as destinations.",
    },
    Section {
        verbs: &["check", "diff"],
        text: "WITHOUT A TRANSFER
  --without-axfr reads the zone from the first server that gives it and asks
  the others for each record set of it, over TCP, --max-qps questions a second
  at most. What the others may hold beyond that is looked for along the NSEC
  chain if there is one, else under common names and types, and at the names
  of --names FILE (name [TYPE ...] a line); where no server gives the zone,
  all are asked for those. What a wildcard answers is not held: names beside
  and below tell it apart. A difference that is found is one (1). No
  difference found proves nothing: 2, unless --accept-partial says that it is
  enough. Glue, the NS of zone cuts, RRSIG and NSEC3 cannot be asked for; they
  are counted, as is all else.
  What is asked for is held in memory: some 60,000 record sets on two sides
  with the default --memory, and in proportion with more. A zone that is
  larger is not compared (2).",
    },
    Section {
        verbs: &["check", "cutover", "sweep"],
        text: "OUTPUT
  The result goes to standard output, everything else to standard error. With
  --format json it is one object on one line (`check`: one for each zone and
  direction; where nothing could be told it has the error). schema/ describes
  them.",
    },
    Section {
        verbs: &["diff"],
        text: "OUTPUT
  The result goes to standard output, everything else to standard error:
    --- SOURCE (serial N)
    +++ DESTINATION (serial N)
  and then one record a line, `-` for those of the source alone and `+` for
  those of the destination alone: owner, TTL, class, type and data, in
  canonical order; nothing if there is no difference. With --format json each
  zone is one line with one object.",
    },
    Section {
        verbs: &["check", "sweep"],
        text: "SIGNALS
  Ctrl-C, SIGTERM and SIGHUP end the run: a check takes its probe back first.
  The third signal ends the program at once, with exit status 3 if a probe may
  be left.",
    },
    Section {
        verbs: &["check", "diff", "fetch", "cutover", "sweep"],
        text: "DOMAIN CONTROLLERS
  Name them by their names: Kerberos knows servers by nothing else (dc1 is
  dc1.REALM in lower case). With -g or --ad the probe is an A record in
  127.128/9 (Windows signs its answers to other types wrongly, Samba's module
  for BIND alters them; --probe-type overrides), and serial and MNAME of the
  SOA, which every controller has for itself, are left out of the comparison
  and counted (--policy overrides).
  With --ad the check goes both ways, and _msdcs.ZONE is checked with ZONE
  where it is held. A controller that is read-only (its SOA names another
  machine as the primary) is no source; its result says so.
  Realm and KDCs come from --realm and --kdc, krb5.conf, or the DNS servers of
  this system (SRV records; on Windows the addresses of the domain's name).
  The servers named here are asked for a KDC only where kinit has logged in:
  with what logs in by a password or a keytab, passwords can be guessed, so no
  server to be checked may say who gets it. Of krb5.conf the lists of ciphers
  count as well (permitted_enctypes, default_tkt_enctypes,
  default_tgs_enctypes).
  Most controllers refuse transfers: then the zones are not compared, which is
  exit status 2; --no-compare asks for the probe alone.",
    },
    Section {
        verbs: &["check", "diff", "fetch", "cutover", "sweep"],
        text: "ENVIRONMENT
  KRB5CCNAME, KRB5_CONFIG
      where tickets (from files alone) and krb5.conf are, for -g
  DNSCONVERGE_TSIG
      a key for all servers, written as for -y, where neither -k nor -y is
      given; other users cannot see it in the process list",
    },
    Section {
        verbs: &["diff", "fetch"],
        text: r"ZONE FILES
  A zone file stands for a server: what has a / in it, or begins with file:,
  is a file; @ makes it a server; a bare name is a file if there is one of
  that name in this directory. RFC 1035 with $TTL, $INCLUDE and $GENERATE,
  TTLs with units, \# and TYPEnnn of RFC 3597, and the files of the Windows
  DNS server. Nothing is guessed: what is not understood is an error with
  file, line and column. $INCLUDE opens files below the directory of the zone
  file, or below --include-dir; from standard input only with --include-dir.",
    },
    Section {
        verbs: &["diff", "fetch"],
        text: "SNAPSHOTS
  fetch writes what a side holds, whole or not at all: one absolute record a
  line, the SOA first and the others in canonical order. The first line is a
  comment with zone, serial, count and digest (SIMPLE with SHA-384, RFC 8976);
  when such a file is a side of diff it is held to that line, and refused if
  it was altered. What of the zone does not fit into --memory while it is
  sorted goes to temporary files without names (in /var/tmp, or where TMPDIR,
  on Windows TEMP, says).",
    },
    Section {
        verbs: &["check", "diff", "fetch", "cutover", "sweep"],
        text: r"KEY FILES
  What BIND's tsig-keygen writes (several keys: add :NAME), K*.private,
  K*.key, or one line written as for -y. On Windows C:\keys\update.key:NAME is
  understood; a file of one letter is written ./k:NAME.",
    },
    Section {
        verbs: &["check", "sweep"],
        text: "JOURNAL
  A probe is written down before it is planted, and crossed out after its
  removal was seen. The journal lies in the user's state directory
  (dnsconverge/journal) unless --journal-dir names another: one JSON file
  probe-LABEL.json for each probe, with server, zone, owner, data, the time
  and the name of the key, no secret. sweep takes back what it names, entries
  of runs that still live aside. Without the journal, `sweep SERVER ZONE
  --all-older-than TIME` finds probes of any run in a transfer of the zone, by
  their exact format below _dnsconverge.ZONE and by the time in them. Nothing
  else is ever deleted. Probes of other runs are no difference (--count-probes
  makes them one); they are counted and left alone.",
    },
    Section {
        verbs: &["check", "diff"],
        text: "OTHER FILES
  Zone lists (--zones): one zone a line, # begins a comment. Temporary files:
  what a comparison cannot hold in --memory goes to /var/tmp, or where TMPDIR
  (on Windows TEMP) says. They have no names, and are gone with the run,
  however it ends.",
    },
    Section {
        verbs: &["check", "sweep"],
        text: "BIND GRANTS NO MORE THAN THIS
  update-policy {
      grant KEY subdomain _dnsconverge.ZONE TXT;  // A with --probe-type a
  };",
    },
];
