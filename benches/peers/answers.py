"""Says whether an answer is the true difference, whichever way the records are spelled."""

import collections
import ipaddress
import json
import time

SIGNS = {"<": "-", ">": "+", "-": "-", "+": "+"}


def record(text):
    """One record in one spelling: names in lower case, strings as they are, no class."""
    parts = text.split()
    if len(parts) < 5 or parts[2] != "IN":
        return None
    owner, ttl, rtype, rdata = parts[0].lower(), int(parts[1]), parts[3], text.split(None, 4)[4]
    if rtype == "AAAA":
        rdata = str(ipaddress.IPv6Address(rdata))
    elif rtype == "RRSIG":
        fields = rdata.split()
        times = [text if len(text) == 14 else time.strftime("%Y%m%d%H%M%S", time.gmtime(int(text))) for text in fields[4:6]]
        rdata = " ".join(fields[:4] + times + [fields[6], fields[7].lower(), "".join(fields[8:])])
    elif rtype == "DS":
        fields = rdata.split()
        rdata = " ".join(fields[:3] + ["".join(fields[3:]).upper()])
    elif rtype != "TXT":
        # The final dot of a name, which some leave out in places.
        rdata = " ".join(field.rstrip(".") for field in rdata.lower().split())
    return (owner, ttl, rtype, rdata)


def records(path):
    """The signed records of a difference, as often as they are there."""
    found = collections.Counter()
    with open(path, errors="replace") as lines:
        for text in lines:
            sign, rest = SIGNS.get(text[:1]), text[1:].strip()
            if text.startswith(("---", "+++")) or sign is None:
                continue
            one = record(rest)
            if one:
                found[(sign, one)] += 1
    return found


def verdict(truth, answer, counts_only):
    """`right`, or what is wrong."""
    true = records(truth)
    if counts_only:
        with open(answer) as said:
            counts = json.load(said)
        sums = {sign: sum(number for (own, _), number in true.items() if own == sign) for sign in "-+"}
        return "right" if (counts["removed"], counts["added"]) == (sums["-"], sums["+"]) else "wrong counts"
    said = records(answer)
    missing, false = sum((true - said).values()), sum((said - true).values())
    if not missing and not false:
        return "right"
    pairs = sum(1 for (sign, one) in said - true if ("+" if sign == "-" else "-", one) in said - true) // 2
    return "wrong: %d missing, %d false" % (missing, false) + (", %d of them pairs that are equal" % pairs if pairs else "")
