//! What `-h` and `--help` show: examples first, then what stands in no option's own line.

use crate::args::Arguments;
use crate::defaults;
use crate::keys::ENVIRONMENT_KEY;
use clap::CommandFactory;
use std::fmt::Write;

/// Above the help of `check`.
pub(crate) const CHECK_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck ns1.example.com ns2.example.com example.com -k xfr.key --source-update-key update.key
  dnsconvergecheck 192.0.2.1 192.0.2.2#5353 example.com --destination 192.0.2.3 -k update.key --no-compare
  dnsconvergecheck ns1 ns2 --zones zones.txt --source-key update.key --format json
  dnsconvergecheck -g dc1 dc2 corp.example --no-compare
  dnsconvergecheck a.example.net b.example.net example.com --both-ways -k update.key
  dnsconvergecheck ns1.example.com ns2.example.com example.com --observe www A --rdata 192.0.2.7";

/// Above the help of `diff`.
pub(crate) const DIFF_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck diff ns1.example.com ns2.example.com example.com
  dnsconvergecheck diff 192.0.2.1 192.0.2.2 example.com -k transfer.key
  dnsconvergecheck diff zone.db 192.0.2.1 example.com
  ssh dc1 type C:\\Windows\\System32\\dns\\example.com.dns | dnsconvergecheck diff - ns2 example.com
  dnsconvergecheck diff dc1 dc2 --zones zones.txt --policy multi-primary --format json
  dnsconvergecheck diff ns1.example.com provider.example.net example.com --without-axfr";

/// Above the help of `fetch`.
pub(crate) const FETCH_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck fetch ns1.example.com example.com -o before.zone
  dnsconvergecheck diff before.zone ns1.example.com example.com
  dnsconvergecheck fetch ./example.com.dns example.com -o - | head -1";

/// Above the help of `cutover`.
pub(crate) const CUTOVER_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck cutover ns-old.example.com ns1.example.com example.com --parent a.gtld-servers.net
  dnsconvergecheck cutover 192.0.2.1 192.0.2.2 example.com --parent 198.51.100.1 --changed 3h --ttl-before 172800";

/// Above the help of `sweep`.
pub(crate) const SWEEP_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck sweep --dry-run
  dnsconvergecheck sweep -k update.key
  dnsconvergecheck sweep ns1.example.com example.com --all-older-than 1h -k transfer.key --source-update-key update.key";

/// Above the help of `demo`.
pub(crate) const DEMO_EXAMPLES: &str = "\
Example:
  dnsconvergecheck demo";

/// One screen: the jobs, and every option by its job.
pub(crate) fn short() -> String {
    let (deadline, interval) = (defaults::DEADLINE, defaults::INTERVAL);
    let (timeout, cleanup) = (defaults::TIMEOUT, defaults::CLEANUP_TIMEOUT);
    let memory = defaults::MEMORY;
    let (confirmations, port, qps) = (defaults::CONFIRMATIONS, defaults::PORT, defaults::MAX_QPS);
    format!(
        "\
Has a DNS change arrived on every server, and do they hold the same records?
Examples:
  dnsconvergecheck demo
  dnsconvergecheck ns1 ns2 example.com -k xfr.key --source-update-key update.key
  dnsconvergecheck diff ns1.example.com ns2.example.com example.com

Usage: dnsconvergecheck [VERB] SOURCE DESTINATION ZONE [OPTIONS]
  check (default)  plant a probe, see it arrive, take it back, compare the zones
  diff             compare the zones; nothing is written
  fetch SIDE ZONE -o FILE  write a canonical zone file, for diff to read later
  cutover          OLD NEW ZONE: when can OLD be switched off? --parent SERVER
  sweep            take back probes; [SERVER ZONE --all-older-than TIME] others'
  demo             see all that on name servers inside this program
  A server is host, host:port, host#port or [v6]:port; behind it what is for it
  alone: ns2?key=FILE[:NAME]&tls. diff also takes zone files: a path, or - for
  standard input; ./NAME is a file, @NAME a server.

Subject:    --destination SERVER  one more    --zones FILE  in place of ZONE
Zone files: --dialect auto|standard|windows   --include-dir DIR  for $INCLUDE
Task:       --no-compare  probe alone         --dry-run  send no update
            --observe NAME TYPE [--rdata DATA]  watch a change made by hand
            --keep-going  without the unfit  --both-ways  --probe-type a|txt
Cut-over:   --cutover  after a check  --changed TIME ago  --ttl-before N  --lag TIME
Keys:       -k FILE[:NAME]  for all servers   -y [HMAC:]NAME:SECRET  in clear
            --source-key, --destination-key, --source-update-key,
            --destination-update-key FILE[:NAME]  --unsigned  --allow-weak-keys
Kerberos:   -g  Active Directory, by kinit or --ccache, --keytab, --principal,
            --password-file; --realm, --kdc, --allow-rc4, --gss-queries
TLS:        --tls  for all servers, port 853  --tls-ca[=FILE]  --tls-pin PIN
            --tls-hostname NAME  --tls-certfile FILE  --tls-keyfile FILE
            --tls-without-alpn  old servers   --tls-soa-in-clear[=PORT]
Time:       --deadline {deadline}  to converge     --interval {interval}  first poll
            --timeout {timeout}  one exchange      --confirmations {confirmations}  in a row
            --cleanup-timeout {cleanup}  to take the probe back  --no-lease  on it
Comparison: --policy exact|unsigned|multi-primary   --ad  domain controllers
            --ignore-ttl  --ignore-serial  --count-probes  --strict  case counts
            --without-axfr [--max-qps {qps} --names FILE --accept-partial]
            --memory {memory}  then files   --zonemd  digests   --basis any|axfr
Network:    -p PORT  instead of {port}           -b ADDRESS[#PORT]  send from
            -4, -6  one family            --listen ADDRESS[#PORT]  for NOTIFY
Output:     --format text|json                -q  result and errors alone
            --journal-dir DIR                 -V  version

Exit status: 0 converged and equal     1 not converged or different
             2 could not tell          3 a probe may be left
Values are the defaults. Everything in full: --help; one verb: VERB --help
"
    )
}

/// Everything: the short help, each verb's options in full, and the closing sections.
pub(crate) fn long() -> String {
    let mut text = short();
    let mut command = Arguments::command();
    command.build();
    for verb in command.get_subcommands() {
        let heading = verb.get_name().to_uppercase();
        // The sections come once, at the end.
        let help = verb.clone().after_long_help("").before_help("").before_long_help("").render_long_help();
        let _ = write!(text, "\n{heading}\n{}\n", help.to_string().trim());
    }
    text.push('\n');
    text.push_str(&sections());
    text.push('\n');
    text
}

/// What closes the long help of every verb.
pub(crate) fn sections() -> String {
    format!(
        "\
EXIT STATUS
  The highest that applies:
  0  The probe arrived everywhere and (unless not compared) the zones are equal. demo, --help, -V: done.
  1  Not converged by the deadline, or the zones are different, or equal with a finding: a zone that is not
     what its own ZONEMD record says.
  2  Could not tell: wrong usage, a refusal, a failed pre-flight, a broken transfer. No probe is left.
  3  A probe may be left behind. The nsupdate lines that remove it are printed; `sweep` does the same.

WITHOUT AN UPDATE
  --observe NAME TYPE writes nothing and needs no key. What SOURCE holds there is the measure, and every
  address of every destination must show exactly that set, TTL included (--ignore-ttl leaves it out), as
  often in a row as a probe. Change it by hand before or during the run. Without --rdata a run in which
  nothing changes and nothing differs proves nothing and ends with 2. For a serial: --observe @ SOA.

BOTH WAYS
  With --both-ways (and --ad) every server named is the source in turn, the others its destinations. One
  direction after the other, each with its own deadline, clean-up and result: a line of JSON for each zone and
  direction. The zones are compared once, in the last. A direction that fails ends no other; a signal lets no
  further one begin. Keys stay with the servers as named: --destination-update-key (or behind the server
  ?update-key=FILE[:NAME]) signs the updates at those named as destinations.

WITHOUT A TRANSFER
  --without-axfr reads the zone from the first server that gives it and asks the others for each record
  set of it, over TCP, --max-qps questions a second at most. What the others may hold beyond that is
  looked for along the NSEC chain if there is one, else under common names and types, and at the names of
  --names FILE (name [TYPE ...] a line); where no server gives the zone, all are asked for those. What a
  wildcard answers is not held: names beside and below tell it apart. A difference that is found is one (1).
  No difference found proves nothing: 2, unless --accept-partial says that it is enough.
  Glue, the NS of zone cuts, RRSIG and NSEC3 cannot be asked for; they are counted, as is all else.
  What is asked for is held in memory: some 60,000 record sets on two sides with the default --memory, and
  in proportion with more. A zone that is larger is not compared (2).

OUTPUT
  The result goes to standard output, everything else to standard error. `diff` writes
    --- SOURCE (serial N)
    +++ DESTINATION (serial N)
  and then one record a line, `-` for those of the source alone and `+` for those of the destination
  alone: owner, TTL, class, type and data, in canonical order; nothing if there is no difference.
  With --format json each zone is one line with one object.

SIGNALS
  Ctrl-C, SIGTERM and SIGHUP end the check: the probe is taken back first. The third signal ends the
  program at once, with exit status 3 if a probe may be left.

DOMAIN CONTROLLERS
  Name them by their names: Kerberos knows servers by nothing else (dc1 is dc1.REALM in lower case). With
  -g or --ad the probe is an A record in 127.128/9 (Windows signs its answers to other types wrongly,
  Samba's module for BIND alters them; --probe-type overrides), and serial and MNAME of the SOA, which
  every controller has for itself, are left out of the comparison and counted (--policy overrides).
  With --ad the check goes both ways, and _msdcs.ZONE is checked with ZONE where it is held. A controller that
  is read-only (its SOA names another machine as the primary) is no source; its result says so.
  Realm and KDCs come from --realm and --kdc, krb5.conf, or the DNS; of krb5.conf the lists of ciphers count
  as well (permitted_enctypes, default_tkt_enctypes, default_tgs_enctypes). Most controllers refuse transfers:
  then the zones are not compared, which is exit status 2; --no-compare asks for the probe alone.

ENVIRONMENT
  KRB5CCNAME, KRB5_CONFIG  where tickets and krb5.conf are, for -g; tickets are read from files alone.
  {ENVIRONMENT_KEY}  a key for all servers, written as for -y, where neither -k nor -y is given; other
                    users cannot see it in the process list.

ZONE FILES
  diff takes a zone file for a server: what has a / in it, or begins with file:, is a file; @ makes it a server;
  a bare name is a file if there is one of that name in this directory. RFC 1035 with $TTL, $INCLUDE and
  $GENERATE, TTLs with units, \\# and TYPEnnn of RFC 3597, and the files of the Windows DNS server. Nothing is
  guessed: what is not understood is an error with file, line and column. $INCLUDE opens files below the
  directory of the zone file, or below --include-dir; from standard input only with --include-dir.

SNAPSHOTS
  fetch writes what a side holds, whole or not at all: one absolute record a line, the SOA first and the others in
  canonical order. The first line is a comment with zone, serial, count and digest (SIMPLE with SHA-384, RFC
  8976); when such a file is a side of diff it is held to that line, and refused if it was altered. The zone
  is sorted in memory, up to 1 GiB of records. Exit status 1 if the zone is not what its own ZONEMD record says;
  the file is written all the same.

FILES
  Key files: what BIND's tsig-keygen writes (several keys: add :NAME), K*.private, K*.key, or one line
  written as for -y. On Windows C:\\keys\\update.key:NAME is understood; a file of one letter is written ./k:NAME.
  Journal: a probe is written down before it is planted, and crossed out after its removal was seen.
  It lies in the user's state directory (dnsconverge/journal) unless --journal-dir names another: one JSON
  file probe-LABEL.json for each probe, with server, zone, owner, data, the time and the name of the key, no
  secret. sweep takes back what it names, entries of runs that still live aside. Without the journal,
  `sweep SERVER ZONE --all-older-than TIME` finds probes of any run in a transfer of the zone, by their
  exact format below _dnsconverge.ZONE and by the time in them. Nothing else is ever deleted.
  Probes of other runs are no difference (--count-probes makes them one); they are counted and left alone.
  Zone lists: one zone a line, # begins a comment.
  Temporary files: what a comparison cannot hold in --memory goes to /var/tmp, or where TMPDIR (on Windows
  TEMP) says. They have no names, and are gone with the run, however it ends.

BIND GRANTS NO MORE THAN THIS
  update-policy {{ grant KEY subdomain _dnsconverge.ZONE TXT; }};"
    )
}
