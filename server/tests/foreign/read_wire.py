"""Reads what a point received from its hub with libraries that others wrote, from nothing but `sync/README.md` and
the table of record 20 in `features/publishing/README.md`: cbor2, pycose, cryptography, blake3, zstandard.

Usage: read_wire.py CAPTURE.json
The capture names the hub's public keys, the point's seed, the shipped dictionaries, and every connection of the point
as it went over the wire, both ways. Prints the title of every publication that verified, one a line.
"""

import http.client
import io
import json
import sys

import cbor2
import zstandard
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives import hashes, hmac
from pycose.headers import Algorithm
from pycose.algorithms import EdDSA
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message

CODEC_STORED, CODEC_ZSTD, CODEC_SYLLABLES = 0, 1, 2


class Reader:
    """Bytes from the front, as the notation of the README has them."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        piece = self.data[self.at:self.at + length]
        assert len(piece) == length, "cut short"
        self.at += length
        return piece

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def rest(self):
        return self.data[self.at:]


def derive(context, material):
    return blake3(material, derive_key_context=context).digest()


# HPKE base mode, RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305.
KEM = b"KEM" + (0x0020).to_bytes(2, "big")
HPKE = b"HPKE" + (0x0020).to_bytes(2, "big") + (0x0001).to_bytes(2, "big") + (0x0003).to_bytes(2, "big")


def hmac_sha256(key, data):
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def labeled_extract(suite, salt, label, material):
    return hmac_sha256(salt or bytes(32), b"HPKE-v1" + suite + label + material)


def labeled_expand(suite, secret, label, info, length):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = hmac_sha256(secret, block + info + bytes([count]))
        out, count = out + block, count + 1
    return out[:length]


def sealing_key(seed):
    material = derive("nhipcau 2026 node sealing key", seed)
    prk = labeled_extract(KEM, b"", b"dkp_prk", material)
    return X25519PrivateKey.from_private_bytes(labeled_expand(KEM, prk, b"sk", b"", 32))


def unseal(private, domain, context, sealed):
    share, sealed = sealed[:32], sealed[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(share))
    own = private.public_key().public_bytes_raw()
    prk = labeled_extract(KEM, b"", b"eae_prk", shared)
    shared = labeled_expand(KEM, prk, b"shared_secret", share + own, 32)
    schedule = b"\x00" + labeled_extract(HPKE, b"", b"psk_id_hash", b"") + labeled_extract(
        HPKE, b"", b"info_hash", domain)
    secret = labeled_extract(HPKE, shared, b"secret", b"")
    key = labeled_expand(HPKE, secret, b"key", schedule, 32)
    nonce = labeled_expand(HPKE, secret, b"base_nonce", schedule, 12)
    return ChaCha20Poly1305(key).decrypt(nonce, sealed, context)


class Recorded:
    """Bytes of a connection, as http.client wants a socket."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, *_args, **_kwargs):
        return self.stream


class Kept(io.BytesIO):
    """One response does not close the connection for the next."""

    def close(self):
        pass


def exchanges(connections):
    """Every request with its answer: path, body, status, body."""
    for up, down in connections:
        up, down = Kept(bytes.fromhex(up)), Kept(bytes.fromhex(down))
        while line := up.readline():
            method, path, _ = line.decode().split(" ")
            headers = http.client.parse_headers(up)
            asked = up.read(int(headers.get("content-length", 0)))
            if "chunked" in headers.get("transfer-encoding", ""):
                asked = b""
                while size := int(up.readline(), 16):
                    asked += up.read(size)
                    up.readline()
                up.readline()
            response = http.client.HTTPResponse(Recorded(down), method=method)
            try:
                response.begin()
            except http.client.BadStatusLine:
                break  # the point hung up before the answer came
            yield path, asked, response.status, response.read()


def open_session(hub, private, asked, answer):
    """The key of a session's frames, from the answer to a hello; none when there is none in it."""
    signature, said = answer[-64:], answer[:-64]
    hub.verify(signature, b"nhipcau/answer/1\x00" + said)
    reader = Reader(said)
    nonce = reader.take(16)
    reader.varint()  # the hub's time
    if reader.take(1)[0] != 0:
        return None
    reader.varint()  # the protocol
    session = reader.take(8)
    reader.varint(), reader.varint()  # what the hub holds of the point's log
    sealed = reader.rest()
    hello = Reader(asked)
    hello.varint(), hello.take(16)
    assert hello.take(16) == nonce, "the answer is to another hello"
    secret = unseal(private, b"nhipcau/session-secret/1", nonce + session, sealed)
    return derive("nhipcau 2026 session frame check", secret)


def frames(key, body):
    """The frames of an answer; each proves that it belongs to the session."""
    reader = Reader(body)
    while reader.rest():
        begun = reader.at
        kind = reader.take(1)[0]
        payload = reader.take(reader.varint())
        written = body[begun:reader.at]
        assert reader.take(8) == blake3(written, key=key).digest()[:8], "a frame of another session"
        yield kind, payload


def syllables(small, words):
    """The shorthand: single bytes for the commonest syllables of Vietnamese, two for the others."""
    out, reader = bytearray(), Reader(small)
    while reader.rest():
        byte = reader.take(1)[0]
        how = 0
        if byte in (0x81, 0x82, 0x83, 0x84, 0x86):
            how, byte = byte - 0x80, reader.take(1)[0]
        if byte < 0x80:
            out.append(byte)
        elif byte == 0x80:
            out += reader.take(reader.take(1)[0])
        elif 0x88 <= byte <= 0xBF:
            out += spelled(words[byte - 0x88], how)
        else:
            assert byte >= 0xC0, f"a byte that means nothing: {byte:02x}"
            out += spelled(words[56 + 256 * (byte - 0xC0) + reader.take(1)[0]], how)
    return bytes(out)


def spelled(word, how):
    if how & 4:
        word = word.upper()
    elif how & 1:
        word = word[0].upper() + word[1:]
    return (word if how & 2 else " " + word).encode()


def expand(codec, small, dictionary, words):
    if codec == CODEC_STORED:
        return small
    options = {"format": zstandard.FORMAT_ZSTD1_MAGICLESS}
    if codec == CODEC_SYLLABLES:
        options["dict_data"] = zstandard.ZstdCompressionDict(dictionary)
    unpacker = zstandard.ZstdDecompressor(**options)
    plain = unpacker.decompressobj().decompress(small)
    return syllables(plain, words) if codec == CODEC_SYLLABLES else plain


def records(payload, dictionary, words):
    """Origin, signature and exact bytes of every record of a frame."""
    reader = Reader(payload)
    how = reader.take(1)[0]
    codec = how // 8
    origin = reader.take(16)
    reader.varint(), reader.varint(), reader.varint()  # epoch, after, through - after
    signatures = [reader.take(64) for _ in range(reader.varint())]
    plain = expand(codec, reader.rest(), dictionary, words)
    for signature in signatures:
        content = cbor2.loads(plain) if len(signatures) == 1 else first(plain)
        exact = cbor2.dumps(content, canonical=True)
        assert plain.startswith(exact), "a payload in another spelling"
        plain = plain[len(exact):]
        yield origin, signature, exact, content
    assert not plain, "bytes after the last record"


def first(plain):
    return cbor2.CBORDecoder(io.BytesIO(plain)).decode()


def has_signed(keys, origin, signature, exact):
    assert blake3(keys[:32]).digest()[:16] == origin, "a record of somebody else"
    message = Sign1Message(phdr={Algorithm: EdDSA}, payload=exact)
    message.external_aad = b"nhipcau/record/1" + origin
    message.key = OKPKey(crv=Ed25519, x=keys[:32])
    message._signature = signature
    return message.verify_signature()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        capture = json.load(file)
    keys = bytes.fromhex(capture["hub_keys"])
    hub = Ed25519PublicKey.from_public_bytes(keys[:32])
    private = sealing_key(bytes.fromhex(capture["seed"]))
    with open(capture["dictionary"], "rb") as file:
        dictionary = file.read()
    with open(capture["words"], encoding="utf-8") as file:
        words = file.read().split("\n")
    session, seen = None, 0
    for path, asked, status, answer in exchanges(capture["connections"]):
        if path == "/v1/hello" and status == 200:
            session = open_session(hub, private, asked, answer) or session
        if path != "/v1/sync" or status != 200:
            continue
        for kind, payload in frames(session, answer):
            if kind != 1:
                continue
            for origin, signature, exact, content in records(payload, dictionary, words):
                assert has_signed(keys, origin, signature, exact), "a signature that is not the hub's"
                altered = exact[:-1] + bytes([exact[-1] ^ 1])
                assert not has_signed(keys, origin, signature, altered), "a signature that proves nothing"
                seen += 1
                if content[4] == 20:
                    publication = cbor2.loads(content[7])
                    print(publication[7][0][2])
    print(f"{seen} records verified", file=sys.stderr)


if __name__ == "__main__":
    main()
