"""Makes vectors.txt: messages signed by BIND (dig and named) and by dnspython, as `name hex` lines.

Run: python make_vectors.py > vectors.txt   (needs dnspython, dig and named; uses ports that the kernel chooses)

Three sources:
  bind.*   dig -y through a recording proxy to a named on localhost, one SOA query for each algorithm, and one AXFR of
           which named signs every message (transfer-format one-answer)
  named.*  what named answers to a request of dnspython that is wrong in one way
  python.* dnspython alone: a request, its answer, and an AXFR of five messages of which 1, 3 and 5 are signed
"""
import base64, hashlib, os, socket, struct, subprocess, sys, tempfile, threading, time
import dns.message, dns.name, dns.query, dns.rdatatype, dns.rrset, dns.tsig, dns.update

SECRET = hashlib.sha512(b"dnsconverge test vectors").digest()[:32]
B64 = base64.b64encode(SECRET).decode()
ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512",
              "hmac-sha1-80", "hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"]


def put(name, octets):
    print(name, octets.hex())


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read(sock):
    def exactly(n):
        data = b""
        while len(data) < n:
            more = sock.recv(n - len(data))
            if not more:
                return None
            data += more
        return data
    head = exactly(2)
    return None if head is None else exactly(struct.unpack("!H", head)[0])


def write(sock, octets):
    sock.sendall(struct.pack("!H", len(octets)) + octets)


def named(directory, at):
    keys = "".join(f'key "{a}.Example" {{ algorithm {a}; secret "{B64}"; }};\n' for a in ALGORITHMS)
    with open(f"{directory}/named.conf", "w") as f:
        f.write(keys + f"""
options {{ directory "{directory}"; pid-file none; listen-on port {at} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; transfer-format one-answer; session-keyfile none; }};
controls {{ }};
zone "vector.test" {{ type primary; file "zone"; allow-transfer {{ any; }}; notify no; }};
""")
    with open(f"{directory}/zone", "w") as f:
        f.write("$TTL 300\n@ SOA ns hostmaster 7 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n"
                "txt TXT \"a\" \"b\"\n")
    process = subprocess.Popen(["named", "-g", "-c", f"{directory}/named.conf"], stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", at)).close()
            return process
        except OSError:
            time.sleep(0.05)
    raise SystemExit("named does not listen")


def recorded(server, arguments):
    """Runs dig through a proxy; returns the request and the answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def proxy():
        client, _ = listener.accept()
        upstream = socket.create_connection(("127.0.0.1", server))
        request = read(client)
        seen.append(request)
        write(upstream, request)
        upstream.settimeout(1)
        try:
            while (answer := read(upstream)) is not None:
                seen.append(answer)
                write(client, answer)
        except TimeoutError:
            pass
    thread = threading.Thread(target=proxy)
    thread.start()
    subprocess.run(["dig", "+tcp", "+norec", "@127.0.0.1", "-p", str(listener.getsockname()[1])] + arguments,
                   stdout=subprocess.DEVNULL, check=True)
    thread.join()
    return seen[0], seen[1:]


def exchange(server, octets):
    with socket.create_connection(("127.0.0.1", server)) as sock:
        write(sock, octets)
        return read(sock)


def signed(key, when, wire, error=0):
    """A request with the TSIG of dnspython, made at that time."""
    ident = struct.unpack("!H", wire[:2])[0]
    rdata = dns.rdtypes.ANY.TSIG.TSIG(255, 250, key.algorithm, 0, 300, b"", ident, error, b"")
    tsig, context = dns.tsig.sign(wire, key, rdata, when)
    return attach(wire, key, tsig), tsig


def attach(wire, key, tsig):
    rdata = tsig.to_wire()
    record = key.name.to_wire() + struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata
    count = struct.unpack("!H", wire[10:12])[0] + 1
    return wire[:10] + struct.pack("!H", count) + wire[12:] + record


def main():
    print("# Made by make_vectors.py; read there how. Versions:", subprocess.run(["dig", "-v"], capture_output=True,
          text=True).stderr.strip() + ", dnspython", dns.version.version)
    put("secret", SECRET)
    server = port()
    with tempfile.TemporaryDirectory() as directory:
        process = named(directory, server)
        try:
            for a in ALGORITHMS:
                request, answers = recorded(server, ["-y", f"{a}:{a}.Example:{B64}", "vector.test", "SOA"])
                put(f"bind.{a}.request", request)
                put(f"bind.{a}.answer", answers[0])
            request, answers = recorded(server, ["-y", f"hmac-sha256:hmac-sha256.Example:{B64}", "vector.test", "AXFR"])
            put("bind.axfr.request", request)
            for n, answer in enumerate(answers):
                put(f"bind.axfr.{n}", answer)

            query = dns.message.make_query("vector.test", "SOA", id=0x1234)
            query.flags = 0
            wire = query.to_wire()
            now = int(time.time())
            good = dns.tsig.Key("hmac-sha256.example", SECRET, "hmac-sha256")
            wrongs = {
                "badtime": (good, now - 3600),
                "badkey": (dns.tsig.Key("nobody.example", SECRET, "hmac-sha256"), now),
                "badsig": (dns.tsig.Key("hmac-sha256.example", b"another secret", "hmac-sha256"), now),
            }
            for name, (key, when) in wrongs.items():
                request, tsig = signed(key, when, wire)
                put(f"named.{name}.request", request)
                put(f"named.{name}.answer", exchange(server, request))
            # A whole-length key at the server, a MAC cut to 16 octets by us.
            _, tsig = signed(good, now, wire)
            request = attach(wire, good, tsig.replace(mac=tsig.mac[:16]))
            put("named.badtrunc.request", request)
            put("named.badtrunc.answer", exchange(server, request))
        finally:
            process.terminate()
            process.wait()

    key = dns.tsig.Key("Xfr.Example", SECRET, "hmac-sha512")
    when = 1_700_000_000
    query = dns.message.make_query("vector.test", "AXFR", id=0xBEEF)
    query.flags = 0
    request, tsig = signed(key, when, query.to_wire())
    put("python.request", request)
    soa = "vector.test. 300 IN SOA ns.vector.test. h.vector.test. 7 3600 600 86400 300"
    bodies = [soa, "a.vector.test. 300 IN A 192.0.2.1", "b.vector.test. 300 IN A 192.0.2.2",
              "c.vector.test. 300 IN A 192.0.2.3", soa]
    context = None
    for n, body in enumerate(bodies):
        answer = dns.message.make_response(query)
        owner, ttl, rdclass, rdtype, text = body.split(None, 4)
        answer.answer.append(dns.rrset.from_text(owner, int(ttl), rdclass, rdtype, text))
        wire = answer.to_wire()
        if n in (1, 3):
            context.update(wire)
        else:
            rdata = dns.rdtypes.ANY.TSIG.TSIG(255, 250, key.algorithm, 0, 300, b"", 0xBEEF, 0, b"")
            later, context = dns.tsig.sign(wire, key, rdata, when + n, tsig.mac if n == 0 else None, context, True)
            wire = attach(wire, key, later)
        put(f"python.axfr.{n}", wire)


import dns.rdtypes.ANY.TSIG, dns.version
main()
