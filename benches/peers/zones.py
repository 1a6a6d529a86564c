"""Makes a pair of zones and the true difference between them.

Three mixes, after what zones are like: `tld` (delegations, some with DS and glue), `ad` (hosts, services, aliases and
text, names in mixed case) and `signed` (each record set with an RRSIG of 64 octets, each name with an NSEC). One name in a
thousand differs: gone, new, another TTL or another address. One owner in fifty is written in upper case in the second zone,
which is no difference.
"""

import base64
import hashlib
import ipaddress
import random

ORIGINS = {"tld": "test", "ad": "corp.example", "signed": "signed.example"}
TIMES = "20300101000000 20250101000000"


def nodes(mix, records, seed):
    """Yields (owner, [(ttl, type, rdata)]) in canonical order until there are so many records."""
    draw = random.Random(seed)
    made = 0
    number = 0
    while made < records:
        owner = "n%08d.%s." % (number, ORIGINS[mix])
        node = {"tld": delegation, "ad": host, "signed": signed}[mix](draw, number, owner)
        made += sum(len(sets) for _, sets in node)
        number += 1
        yield from node


def v4(draw):
    return str(ipaddress.IPv4Address(draw.randrange(0x0B000000, 0x7F000000)))


def v6(draw):
    return str(ipaddress.IPv6Address(0x20010DB8 << 96 | draw.getrandbits(64)))


def delegation(draw, number, owner):
    """Two name servers, a DS for one in three, glue for one in eight."""
    glue = number % 8 == 0
    provider = draw.randrange(3000)
    servers = ["ns%d.%s" % (i, owner) if glue else "ns%d.provider%d.test." % (i, provider) for i in (1, 2)]
    sets = [(172800, "NS", server) for server in servers]
    if number % 3 == 0:
        digest = hashlib.sha256(owner.encode()).hexdigest().upper()
        sets.append((86400, "DS", "%d 13 2 %s" % (draw.randrange(65536), digest)))
    below = [(server, [(172800, "A", v4(draw)), (172800, "AAAA", v6(draw))]) for server in servers if glue]
    return [(owner, sets)] + below


def host(draw, number, owner):
    """A host, a service on it, an alias or a text."""
    name = owner.replace("n", "Host-", 1) if number % 4 == 0 else owner
    sets = [(1200, "A", v4(draw))]
    if number % 3 == 0:
        sets.append((1200, "AAAA", v6(draw)))
    if number % 5 == 0:
        sets.append((600, "SRV", "0 100 389 %s" % name))
    if number % 5 == 1:
        sets.append((3600, "MX", "10 mail%d.corp.example." % (number % 97)))
    if number % 5 == 2:
        sets.append((3600, "TXT", '"v=spf1 ip4:%s -all" "Number %d"' % (v4(draw), number)))
    return [(name, sets)]


def signed(draw, number, owner):
    """Addresses, their signature, and the NSEC with its own."""
    following = "n%08d.%s." % (number + 1, ORIGINS["signed"])

    def signature(covered):
        octets = base64.b64encode(draw.randbytes(64)).decode()
        return (3600, "RRSIG", "%s 13 3 3600 %s 12345 signed.example. %s" % (covered, TIMES, octets))

    sets = [(3600, "A", v4(draw)), signature("A"), (3600, "NSEC", "%s A RRSIG NSEC" % following), signature("NSEC")]
    return [(owner, sets)]


def line(owner, record):
    return "%s\t%d\tIN\t%s\t%s" % (owner, *record)


def changed(draw, owner, sets):
    """What the second zone has in place of a node; always something else."""
    ttl, rtype, rdata = sets[0]
    kind = draw.randrange(4)
    if kind == 0:
        return []
    if kind == 1:
        return [(owner, [(ttl + 60, t, r) if t == rtype else (o, t, r) for o, t, r in sets])]
    new = (300, "CAA", '0 issue "ca%d.example"' % draw.randrange(1000))
    return [(owner, sets), ("a." + owner, [new])] if kind == 2 else [(owner, sets + [new])]


def make_pair(mix, records, directory, seed=1):
    """Writes v1.zone, v2.zone and truth.diff into the directory; returns the origin and the number of records of both."""
    origin = ORIGINS[mix]
    draw = random.Random(seed + 1)
    apex = ["%s.\t3600\tIN\tSOA\tns1.%s. hostmaster.%s. %d 7200 3600 1209600 3600" % (origin, origin, origin, n) for n in (1, 2)]
    common = [line(origin + ".", (3600, "NS", "ns1.%s." % origin)), line("ns1.%s." % origin, (3600, "A", "192.0.2.1"))]
    total = 0
    with open(directory / "v1.zone", "w") as one, open(directory / "v2.zone", "w") as two, open(directory / "truth.diff", "w") as truth:
        for out, soa in ((one, apex[0]), (two, apex[1])):
            print(soa, *common, sep="\n", file=out)
        print("-" + apex[0], "+" + apex[1], sep="\n", file=truth)
        for owner, sets in nodes(mix, records - 3, seed):
            after = changed(draw, owner, sets) if draw.random() < 0.001 else [(owner, sets)]
            before = [line(owner, record) for record in sets]
            then = [line(name, record) for name, own in after for record in own]
            print(*before, sep="\n", file=one)
            loud = draw.random() < 0.02
            if then:
                print(*(loud_owner(text) if loud else text for text in then), sep="\n", file=two)
            for sign, lines, others in (("-", before, set(then)), ("+", then, set(before))):
                for text in lines:
                    if text not in others:
                        print(sign + text, file=truth)
            total += len(before) + len(then)
    return origin, total + 6


def loud_owner(text):
    owner, rest = text.split("\t", 1)
    return owner.upper() + "\t" + rest
