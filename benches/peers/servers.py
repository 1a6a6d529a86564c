"""Two servers of one kind on loopback, each with one zone of a pair, for as long as they are needed."""

import shutil
import socket
import subprocess
import time

PROGRAMS = {"bind": "named", "knot": "knotd", "nsd": "nsd"}
KEY = "side-by-side"
SECRET = "c2lkZS1ieS1zaWRlLXNpZGUtYnktc2lkZS0xMjM0NTY="


def program(kind):
    """Where the server is, if it is installed."""
    return shutil.which(PROGRAMS[kind]) or shutil.which("/usr/sbin/" + PROGRAMS[kind])


def free_ports():
    """Two ports that nobody has."""
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def bind(directory, port, origin, zone):
    text = f"""
key "{KEY}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
controls {{ }};
options {{
  directory "{directory}"; pid-file "{directory}/pid"; session-keyfile "{directory}/session.key"; lock-file none;
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; notify no; dnssec-validation no; allow-transfer {{ 127.0.0.1; }};
  max-records-per-type 0; max-types-per-name 0; empty-zones-enable no;
}};
zone "{origin}" {{
  type primary; file "{zone}"; check-names ignore; check-integrity no; check-mx ignore; check-wildcard no; check-spf ignore;
}};
"""
    (directory / "named.conf").write_text(text)
    return [program("bind"), "-f", "-n", "1", "-c", str(directory / "named.conf")]


def knot(directory, port, origin, zone):
    text = f"""
server:
    rundir: "{directory}"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{directory}"
key:
  - id: {KEY}
    algorithm: hmac-sha256
    secret: {SECRET}
acl:
  - id: plain
    address: 127.0.0.1
    action: transfer
  - id: signed
    address: 127.0.0.1
    key: {KEY}
    action: transfer
template:
  - id: default
    semantic-checks: off
    zonefile-sync: -1
    journal-content: none
    zonefile-load: whole
zone:
  - domain: {origin}.
    file: "{zone}"
    acl: [plain, signed]
"""
    (directory / "knot.conf").write_text(text)
    return [program("knot"), "-c", str(directory / "knot.conf")]


def nsd(directory, port, origin, zone):
    text = f"""
server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  database: ""
  chroot: ""
  zonesdir: "{directory}"
  pidfile: "{directory}/pid"
  xfrdfile: "{directory}/xfrd.state"
  zonelistfile: "{directory}/zone.list"
  xfrdir: "{directory}"
  logfile: "{directory}/log"
  tcp-timeout: 600
  rrl-ratelimit: 0
remote-control:
  control-enable: no
key:
  name: "{KEY}"
  algorithm: hmac-sha256
  secret: "{SECRET}"
zone:
  name: "{origin}"
  zonefile: "{zone}"
  provide-xfr: 127.0.0.1 NOKEY
  provide-xfr: 127.0.0.1 {KEY}
"""
    (directory / "nsd.conf").write_text(text)
    return [program("nsd"), "-d", "-c", str(directory / "nsd.conf")]


class Pair:
    """Both servers, up until the block ends."""

    def __init__(self, kind, directory, origin, zones):
        self.kind, self.directory, self.origin, self.zones = kind, directory, origin, zones
        self.ports, self.running = free_ports(), []

    def __enter__(self):
        make = {"bind": bind, "knot": knot, "nsd": nsd}[self.kind]
        try:
            for number, (port, zone) in enumerate(zip(self.ports, self.zones)):
                own = self.directory / f"{self.kind}{number}"
                own.mkdir(parents=True)
                with open(own / "out", "w") as out:
                    command = make(own, port, self.origin, zone)
                    self.running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out))
            for port, server in zip(self.ports, self.running):
                self.wait(port, server)
        except BaseException:
            self.__exit__()
            raise
        return [f"127.0.0.1:{port}" for port in self.ports]

    def wait(self, port, server):
        """Until the server answers for the zone."""
        for _ in range(1200):
            ask = ["dig", "+short", "+norec", "+tcp", "+time=1", "+tries=1", "-p", str(port), "@127.0.0.1", self.origin, "soa"]
            if "hostmaster" in subprocess.run(ask, capture_output=True, text=True).stdout:
                return
            if server.poll() is not None:
                break
            time.sleep(0.25)
        raise SystemExit(f"{self.kind} does not serve the zone: see {self.directory}")

    def __exit__(self, *_):
        for server in self.running:
            server.terminate()
        for server in self.running:
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
