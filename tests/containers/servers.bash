# servers.bash: the zones of the lab and the configuration of each server. Sourced by `lab`, not run.
#
# A function `configuration_of SERVER` prints a whole configuration file. It reads the addresses (address[SERVER]), the secrets
# and the set of planted zones that `lab` has prepared; nothing in it is fixed but port 53 inside the containers.

# Each scenario that writes has a zone of its own, so that scenarios do not see each other's probes or serials.
# example.test is the main one (soak, README); refused.test is transferred by Knot only; frozen.test takes no update; updates of both.test
# are forwarded by BIND's and Knot's secondaries.
varied_zones=(example.test second.test converge.test paused.test cut.test restart.test killed.test wrongkey.test refused.test both.test)
plain_zones=(frozen.test planted.test)
# A record of every type.
wide_zone=types.test
zones=("${varied_zones[@]}" "${plain_zones[@]}" "$wide_zone")

# The word that BIND, Knot and NSD share for the algorithm of both keys.
algorithm=hmac-sha256

# A zone that every primary holds on its own, to be transferred and (but by NSD) updated with a key of each algorithm: BIND,
# Knot, NSD and PowerDNS have these six, and BIND cuts MACs as well.
own_zone=algorithms.test
algorithms=(hmac-md5 hmac-sha1 hmac-sha224 hmac-sha256 hmac-sha384 hmac-sha512)
truncated=(hmac-sha1-80 hmac-sha256-128 hmac-sha384-192 hmac-sha512-256)

# A zone that Knot holds on its own and gives to everybody: more octets than the buffers between it and a client take, so that it
# waits for its reader.
large_zone=large.test

# Prints it: 25 MB when it is sent.
large_zone_file() {
    printf '$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.53\n'
    awk 'BEGIN { text = sprintf("%200s", ""); gsub(/ /, "x", text); for (n = 0; n < 110000; n++) printf "h%06d TXT \"%s%d\"\n", n, text, n }'
}

# The names of the keys of these algorithms, each behind the text $1 and before $2.
own_keys() {
    local before=$1 after=$2 name
    shift 2
    for name in "$@"; do printf '%s%s-key%s' "$before" "$name" "$after"; done
}

# The port of this machine at which the primary tells of its changes, on the address that only the lab has.
listener=5399

# True when secondary $1 is kept from following the primary.
is_frozen() { [[ -e $lab/frozen/$1 ]]; }

# True when an edited copy of zone $2 was planted on server $1.
is_planted() { [[ -e $lab/planted/$1/$2.zone ]]; }

# The key statements of BIND, for the keys named.
bind_keys() {
    local key
    for key in "$@"; do printf 'key "%s-key" { algorithm %s; secret "%s"; };\n' "$key" "$algorithm" "${secret[$key]}"; done
}

# What both BIND servers have in common; $1 is text for the options statement.
bind_options() {
    cat <<X
options {
    directory "/lab"; pid-file "/run/named.pid"; session-keyfile "/run/session.key"; lock-file none;
    listen-on port 53 { any; }; listen-on-v6 { none; };
    recursion no; dnssec-validation no; empty-zones-enable no; version none;
    allow-query { any; };
    min-refresh-time 1; min-retry-time 1; serial-query-rate 1000; transfers-in 100; transfers-out 100; transfers-per-ns 100;
    zone-statistics none; max-cache-size 8m;
    masterfile-format text; check-names primary ignore; check-names secondary ignore; check-integrity no;
    $1
};
X
}

# The primary: update and transfer need different keys, and the update key may write the TXT records of probes alone.
configuration_of_primary() {
    local zone server notify= transferers= ignored=
    for server in "${secondaries[@]}"; do
        notify+="${address[$server]}; " transferers+="${address[$server]}; "
        if is_frozen "$server"; then ignored+="${address[$server]}; "; fi
    done
    local all=("${algorithms[@]}" "${truncated[@]}")
    bind_keys update transfer
    for server in "${all[@]}"; do
        printf 'key "%s-key" { algorithm %s; secret "%s"; };\n' "$server" "$server" "${secret[$server]}"
    done
    printf 'tls lab { cert-file "/lab/tls/server.pem"; key-file "/lab/tls/server.key"; protocols { TLSv1.3; }; };\n'
    printf 'zone "%s" { type primary; file "%s.zone"; notify no; allow-transfer { %s };\n    update-policy { %s}; };\n' \
        "$own_zone" "$own_zone" "$(own_keys 'key "' '"; ' "${all[@]}")" \
        "$(own_keys 'grant "' "\" subdomain _dnsconverge.$own_zone TXT; " "${all[@]}")"
    # notify-delay: BIND otherwise gathers changes for five seconds before it tells the secondaries.
    # Our own program, where it listens (--listen).
    notify+="$LAB_CLIENT port $listener; "
    bind_options "server-id \"primary\"; notify explicit; also-notify { $notify}; notify-delay 0; notify-rate 1000; startup-notify-rate 1000;
    allow-transfer { key \"transfer-key\"; }; blackhole { ${ignored:-none; }};
    listen-on port 853 tls lab { any; };"
    for zone in "${zones[@]}"; do
        printf 'zone "%s" { type primary; file "%s.zone"; ' "$zone" "$zone"
        if [[ $zone == refused.test ]]; then printf 'allow-transfer { %s}; ' "$transferers"; fi
        # A zone that takes updates is signed anew by BIND where it holds signatures.
        if [[ $zone != frozen.test && $zone != "$wide_zone" ]]; then
            printf 'update-policy { grant "update-key" subdomain _dnsconverge.%s TXT; ' "$zone"
            # Knot signs what it forwards with its own key.
            if [[ $zone == both.test ]]; then printf 'grant "transfer-key" subdomain _dnsconverge.%s TXT; ' "$zone"; fi
            printf '}; '
        fi
        printf '};\n'
    done
}

# The secondary that runs BIND.
configuration_of_bind() {
    local zone
    bind_keys transfer update
    # It demands its cookie over UDP (RFC 7873), as a server under attack does.
    bind_options "server-id \"bind\"; require-server-cookie yes; notify no; allow-transfer { key \"transfer-key\"; };"
    printf 'primaries "source" { %s key "transfer-key"; };\n' "${address[primary]}"
    for zone in "${zones[@]}"; do
        if is_planted bind "$zone"; then
            printf 'zone "%s" { type primary; file "planted/%s.zone"; };\n' "$zone" "$zone"
        else
            printf 'zone "%s" { type secondary; primaries { "source"; }; file "%s.zone"; ' "$zone" "$zone"
            if [[ $zone == refused.test ]]; then printf 'allow-transfer { none; }; '; fi
            if [[ $zone == both.test ]]; then printf 'allow-update-forwarding { any; }; '; fi
            printf '};\n'
        fi
    done
}

# The secondary that runs Knot DNS; it alone gives refused.test to the client.
configuration_of_knot() {
    local zone
    cat <<X
server:
    listen: 0.0.0.0@53
    rundir: /run
    nsid: "knot"
    pidfile: /run/knot.pid
    udp-workers: 1
    tcp-workers: 2
    background-workers: 2
database:
    storage: /lab/db
log:
  - target: stderr
    any: info
key:
  - id: transfer-key
    algorithm: $algorithm
    secret: ${secret[transfer]}
  - id: update-key
    algorithm: $algorithm
    secret: ${secret[update]}
$(for name in "${algorithms[@]}"; do
        printf '  - id: %s-key\n    algorithm: %s\n    secret: %s\n' "$name" "$name" "${secret[$name]}"
    done)
remote:
  - id: source
    address: ${address[primary]}@53
    key: transfer-key
acl:
  - id: notify
    address: ${address[primary]}
    action: notify
  - id: transfer
    key: transfer-key
    action: transfer
  - id: forward
    key: update-key
    action: update
  - id: own
    key: [$(own_keys '' ', ' "${algorithms[@]}" | sed 's/, $//')]
    action: [transfer, update]
  - id: everybody
    action: transfer
template:
  - id: default
    semantic-checks: off
    journal-content: none
    acl: [notify, transfer]
  - id: secondary
    storage: /lab
    acl: [notify, transfer]
    semantic-checks: off
    journal-content: all
    zonefile-load: none
    zonefile-sync: -1
    master: source
    refresh-min-interval: 2
    retry-min-interval: 1
  - id: planted
    storage: /lab/planted
    semantic-checks: off
    acl: transfer
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: $own_zone
    storage: /lab
    file: $own_zone.zone
    acl: own
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: all
  - domain: $large_zone
    storage: /lab
    file: $large_zone.zone
    acl: everybody
    zonefile-sync: -1
    zonefile-load: whole
X
    for zone in "${zones[@]}"; do
        printf '  - domain: %s\n    file: %s.zone\n    template: %s\n' "$zone" "$zone" \
            "$(if is_planted knot "$zone"; then echo planted; else echo secondary; fi)"
        if [[ $zone == both.test ]]; then printf '    acl: [notify, transfer, forward]\n'; fi
    done
}

# The secondary that runs NSD.
configuration_of_nsd() {
    local zone
    cat <<X
server:
    ip-address: 0.0.0.0
    ip-address: 0.0.0.0@853
    tls-port: 853
    tls-service-key: "/lab/tls/server.key"
    tls-service-pem: "/lab/tls/server.pem"
    server-count: 1
    nsid: "ascii_nsd"
    username: ""
    chroot: ""
    zonesdir: "/lab"
    pidfile: "/run/nsd.pid"
    database: ""
    xfrdfile: "/lab/xfrd.state"
    zonelistfile: "/lab/zone.list"
    xfrdir: "/run"
    # seconds between two reloads: the default of 1 holds a changed zone back
    xfrd-reload-timeout: 0
    tcp-count: 100
    rrl-ratelimit: 0
remote-control:
    control-enable: no
key:
    name: "transfer-key"
    algorithm: $algorithm
    secret: "${secret[transfer]}"
$(for zone in "${algorithms[@]}"; do
        printf 'key:\n    name: "%s-key"\n    algorithm: %s\n    secret: "%s"\n' "$zone" "$zone" "${secret[$zone]}"
    done)
zone:
    name: "$own_zone"
    zonefile: "$own_zone.zone"
$(own_keys '    provide-xfr: 0.0.0.0/0 ' $'\n' "${algorithms[@]}")
X
    for zone in "${zones[@]}"; do
        printf 'zone:\n    name: "%s"\n' "$zone"
        if is_planted nsd "$zone"; then
            printf '    zonefile: "planted/%s.zone"\n    provide-xfr: 0.0.0.0/0 transfer-key\n' "$zone"
            continue
        fi
        printf '    zonefile: "%s.zone"\n    min-refresh-time: 1\n    min-retry-time: 1\n' "$zone"
        printf '    allow-notify: %s NOKEY\n    request-xfr: %s transfer-key\n' "${address[primary]}" "${address[primary]}"
        if [[ $zone != refused.test ]]; then printf '    provide-xfr: 0.0.0.0/0 transfer-key\n'; fi
    done
}

# PowerDNS with SQLite, which takes no part in following the primary: it holds the zone of the algorithms and nothing else.
configuration_of_powerdns() {
    cat <<X
launch=gsqlite3
gsqlite3-database=/lab/pdns.sqlite
local-address=0.0.0.0
socket-dir=/run
dnsupdate=yes
daemon=no
guardian=no
X
}

# Fills PowerDNS before its first start, then becomes it.
powerdns_start() {
    cat <<X
set -e
if [ ! -e pdns.sqlite ]; then
    sqlite3 new.sqlite </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
    mv new.sqlite pdns.sqlite
    pdnsutil --config-dir=/lab load-zone $own_zone $own_zone.zone
    pdnsutil --config-dir=/lab set-meta $own_zone ALLOW-DNSUPDATE-FROM 0.0.0.0/0
    pdnsutil --config-dir=/lab set-meta $own_zone TSIG-ALLOW-DNSUPDATE $(own_keys '' ' ' "${algorithms[@]}")
    pdnsutil --config-dir=/lab set-meta $own_zone TSIG-ALLOW-AXFR $(own_keys '' ' ' "${algorithms[@]}")
$(for name in "${algorithms[@]}"; do
        printf '    pdnsutil --config-dir=/lab import-tsig-key %s-key %s %s\n' "$name" "$name" "${secret[$name]}"
    done)
fi
exec pdns_server --config-dir=/lab
X
}

# Knot over TLS, with the zone of the algorithms alone.
configuration_of_knot-tls() {
    cat <<X
server:
    listen: 0.0.0.0@53
    listen-tls: 0.0.0.0@853
    cert-file: /lab/tls/server.pem
    key-file: /lab/tls/server.key
    rundir: /run
    pidfile: /run/knot.pid
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
database:
    storage: /lab/db
log:
  - target: stderr
    any: info
key:
  - id: $algorithm-key
    algorithm: $algorithm
    secret: ${secret[$algorithm]}
acl:
  - id: own
    key: $algorithm-key
    action: [transfer, update]
zone:
  - domain: $own_zone
    storage: /lab
    file: $own_zone.zone
    acl: own
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: all
X
}

# NSD over TLS, with the same.
configuration_of_nsd-tls() {
    cat <<X
server:
    ip-address: 0.0.0.0
    ip-address: 0.0.0.0@853
    tls-port: 853
    tls-service-key: "/lab/tls/server.key"
    tls-service-pem: "/lab/tls/server.pem"
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "/lab"
    pidfile: "/run/nsd.pid"
    xfrdfile: "/lab/xfrd.state"
    zonelistfile: "/lab/zone.list"
    xfrdir: "/run"
remote-control:
    control-enable: no
key:
    name: "$algorithm-key"
    algorithm: $algorithm
    secret: "${secret[$algorithm]}"
zone:
    name: "$own_zone"
    zonefile: "$own_zone.zone"
    provide-xfr: 0.0.0.0/0 $algorithm-key
X
}

# Prints the configuration file of server $1.
configuration_of() { "configuration_of_$1"; }

# The command that runs server $1 in the foreground, as words.
command_of() {
    case $1 in
    primary | bind) echo /usr/sbin/named -g -n 1 -c /lab/server.conf ;;
    knot | knot-tls) echo /usr/sbin/knotd -c /lab/server.conf ;;
    nsd | nsd-tls) echo /usr/sbin/nsd -d -c /lab/server.conf ;;
    powerdns) echo /bin/sh /lab/start ;;
    esac
}
