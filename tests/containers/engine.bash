# engine.bash: the Docker engine as the lab's scripts use it. Sourced, not run.

# Chatter goes to stderr, data to stdout.
say() { echo "lab: $*" >&2; }

# Runs a command as root.
as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo --non-interactive "$@"; fi; }

# The docker command line, through sudo where the engine's socket is closed to this user.
docker() { if [[ -n ${docker_through_sudo:-} ]]; then sudo --non-interactive docker "$@"; else command docker "$@"; fi; }

# True when the engine answers, directly or through sudo.
engine_answers() {
    docker_through_sudo=
    command docker info >/dev/null 2>&1 && return 0
    [[ $(id -u) != 0 ]] && command -v sudo >/dev/null && sudo --non-interactive docker info >/dev/null 2>&1 || return 1
    docker_through_sudo=yes
}

# Starts the engine unless it answers, and waits for it by asking. An engine that was started here is left running.
engine_up() {
    command -v docker >/dev/null || { say "docker is missing: apt-get install docker.io"; return 1; }
    engine_answers && return 0
    say "starting the Docker engine"
    as_root systemctl start docker >/dev/null 2>&1 || as_root service docker start >/dev/null 2>&1 || true
    local asked
    for asked in {1..240}; do
        engine_answers && return 0
        # Neither systemd nor an init script brought it up within five seconds: start it by hand, once.
        if [[ $asked == 20 ]] && ! pgrep -x dockerd >/dev/null; then
            as_root setsid sh -c 'exec dockerd >/var/log/dnsconverge-dockerd.log 2>&1 </dev/null' &
        fi
        sleep 0.25
    done
    say "the Docker engine does not answer"
    return 1
}
