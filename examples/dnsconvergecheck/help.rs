//! What `-h` and `--help` show: examples first, then what stands in no option's own line.

mod sections;

pub(crate) use self::sections::sections;

use crate::args::Arguments;
use crate::defaults;
use clap::CommandFactory;
use std::fmt::Write;

/// Above the help of `check`.
pub(crate) const CHECK_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck ns1.example.com ns2.example.com example.com \\
      -k xfr.key --source-update-key update.key
  dnsconvergecheck 192.0.2.1 192.0.2.2#5353 example.com -k update.key \\
      --destination 192.0.2.3 --no-compare
  dnsconvergecheck ns1 ns2 --zones zones.txt --source-key update.key
  dnsconvergecheck -g dc1 dc2 corp.example --no-compare
  dnsconvergecheck a.example.net b.example.net example.com \\
      --both-ways -k update.key
  dnsconvergecheck ns1.example.com ns2.example.com example.com \\
      --observe www A --rdata 192.0.2.7";

/// Above the help of `diff`.
pub(crate) const DIFF_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck diff ns1.example.com ns2.example.com example.com
  dnsconvergecheck diff 192.0.2.1 192.0.2.2 example.com -k transfer.key
  dnsconvergecheck diff zone.db 192.0.2.1 example.com
  ssh dc1 type C:\\Windows\\System32\\dns\\example.com.dns |
      dnsconvergecheck diff - ns2 example.com
  dnsconvergecheck diff dc1 dc2 --zones zones.txt --policy multi-primary
  dnsconvergecheck diff ns1 provider.example.net example.com --without-axfr";

/// Above the help of `fetch`.
pub(crate) const FETCH_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck fetch ns1.example.com example.com -o before.zone
  dnsconvergecheck diff before.zone ns1.example.com example.com
  dnsconvergecheck fetch ./example.com.dns example.com -o - | head -1";

/// Above the help of `cutover`.
pub(crate) const CUTOVER_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck cutover ns-old.example.com ns1.example.com example.com \\
      --parent a.gtld-servers.net
  dnsconvergecheck cutover 192.0.2.1 192.0.2.2 example.com \\
      --parent 198.51.100.1 --changed 3h --ttl-before 172800";

/// Above the help of `sweep`.
pub(crate) const SWEEP_EXAMPLES: &str = "\
Examples:
  dnsconvergecheck sweep --dry-run
  dnsconvergecheck sweep -k update.key
  dnsconvergecheck sweep ns1.example.com example.com --all-older-than 1h \\
      -k transfer.key --source-update-key update.key";

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
Cut-over:   --cutover  after a check  --changed TIME  --ttl-before N  --lag TIME
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
    text.push_str(&sections(None));
    text.push('\n');
    text
}
