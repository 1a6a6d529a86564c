# servers.bash: the zones of the lab and the configuration of each server. Sourced by `lab`, not run.
#
# A function `configuration_of SERVER` prints a whole configuration file. It reads the addresses (address[SERVER]), the secrets
# and the set of planted zones that `lab` has prepared; nothing in it is fixed but port 53 inside the containers.

# Each scenario that writes has a zone of its own, so that scenarios do not see each other's probes or serials.
# example.test is the main one (soak, README); refused.test is transferred by Knot only; frozen.test takes no update.
varied_zones=(example.test second.test converge.test paused.test cut.test restart.test killed.test wrongkey.test refused.test)
plain_zones=(frozen.test planted.test)
zones=("${varied_zones[@]}" "${plain_zones[@]}")

# The word that BIND, Knot and NSD share for the algorithm of both keys.
algorithm=hmac-sha256

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
    bind_keys update transfer
    # notify-delay: BIND otherwise gathers changes for five seconds before it tells the secondaries.
    bind_options "server-id \"primary\"; notify explicit; also-notify { $notify}; notify-delay 0; notify-rate 1000; startup-notify-rate 1000;
    allow-transfer { key \"transfer-key\"; }; blackhole { ${ignored:-none; }};"
    for zone in "${zones[@]}"; do
        printf 'zone "%s" { type primary; file "%s.zone"; ' "$zone" "$zone"
        if [[ $zone == refused.test ]]; then printf 'allow-transfer { %s}; ' "$transferers"; fi
        if [[ $zone != frozen.test ]]; then
            printf 'update-policy { grant "update-key" subdomain _dnsconverge.%s TXT; }; ' "$zone"
        fi
        printf '};\n'
    done
}

# The secondary that runs BIND.
configuration_of_bind() {
    local zone
    bind_keys transfer
    # It demands its cookie over UDP (RFC 7873), as a server under attack does.
    bind_options "server-id \"bind\"; require-server-cookie yes; notify no; allow-transfer { key \"transfer-key\"; };"
    printf 'primaries "source" { %s key "transfer-key"; };\n' "${address[primary]}"
    for zone in "${zones[@]}"; do
        if is_planted bind "$zone"; then
            printf 'zone "%s" { type primary; file "planted/%s.zone"; };\n' "$zone" "$zone"
        else
            printf 'zone "%s" { type secondary; primaries { "source"; }; file "%s.zone"; ' "$zone" "$zone"
            if [[ $zone == refused.test ]]; then printf 'allow-transfer { none; }; '; fi
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
X
    for zone in "${zones[@]}"; do
        printf '  - domain: %s\n    file: %s.zone\n    template: %s\n' "$zone" "$zone" \
            "$(if is_planted knot "$zone"; then echo planted; else echo secondary; fi)"
    done
}

# The secondary that runs NSD.
configuration_of_nsd() {
    local zone
    cat <<X
server:
    ip-address: 0.0.0.0
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

# Prints the configuration file of server $1.
configuration_of() { "configuration_of_$1"; }

# The command that runs server $1 in the foreground, as words.
command_of() {
    case $1 in
    primary | bind) echo /usr/sbin/named -g -n 1 -c /lab/server.conf ;;
    knot) echo /usr/sbin/knotd -c /lab/server.conf ;;
    nsd) echo /usr/sbin/nsd -d -c /lab/server.conf ;;
    esac
}
