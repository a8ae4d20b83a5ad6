"""Ways to spoil a message: in its bytes, and in its tree so that it is still well-formed."""

import base64

from lxml import etree

NASTY = [b"\0", b"<", b"&", b"]]>", b"<!--", b"\xff", b"=", b"\xe2\x80\xae", b"9" * 30, b"", b"-1", b"NaN", b" "]


def spoil_bytes(raw, choose):
    """Cut, double, replace or insert a few bytes. `choose(n)` gives a number below n."""
    for _ in range(1 + choose(4)):
        at, to = sorted((choose(len(raw) + 1), choose(len(raw) + 1)))
        to = min(to, at + 64)
        kind = choose(4)
        if kind == 0:
            raw = raw[:at] + raw[to:]
        elif kind == 1:
            raw = raw[:to] + raw[at:to] + raw[to:]
        elif kind == 2:
            raw = raw[:at] + NASTY[choose(len(NASTY))] + raw[to:]
        else:
            raw = raw[:at] + bytes([choose(256)]) + raw[at + 1 :]
    return raw


def spoil_tree(raw, choose):
    """Remove, double, move, rename or empty elements, and change texts and attributes."""
    root = etree.fromstring(raw)
    for _ in range(1 + choose(5)):
        every = list(root.iter("{*}*"))
        one, other = every[choose(len(every))], every[choose(len(every))]
        parent = one.getparent()
        kind = choose(8)
        if kind == 0 and parent is not None:
            parent.remove(one)
        elif kind == 1 and parent is not None:
            parent.append(etree.fromstring(etree.tostring(one)))
        elif kind == 2 and parent is not None and other not in list(one.iter()):
            other.append(one)
        elif kind == 3:
            one.text = ["", " ", "x", "2026-99-01", "1e9", "true", "\u202e", "A" * 5000][choose(8)]
        elif kind == 4:
            for name in list(one.attrib):
                one.set(name, ["", "7", "x" * 300, "2"][choose(4)])
        elif kind == 5:
            one.tag = etree.QName(etree.QName(one).namespace, etree.QName(other).localname).text
        elif kind == 6:
            one.tag = etree.QName("urn:x", etree.QName(one).localname).text
        else:
            _spoil_inside(one, choose)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _spoil_inside(element, choose):
    """Spoil the document in a container, where `element` is one."""
    try:
        inner = base64.b64decode(element.text or "", validate=True)
        spoiled = spoil_tree(inner, choose) if choose(2) else spoil_bytes(inner, choose)
    except (ValueError, etree.XMLSyntaxError):
        return
    element.text = base64.b64encode(spoiled).decode()
