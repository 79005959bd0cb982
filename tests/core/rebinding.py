"""In a network of its own: a name server that changes its answer, and a receiver on either address.

Run by `unshare -rmn`; prints who was reached the first time, what came of the second time, and how often 127.0.0.1 was reached.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jack.core import checked_http

NAME, PUBLIC, PRIVATE, PORT = "rebind.example.com", "93.184.216.34", "127.0.0.1", 8443


def name_server() -> None:
    """Answers for one name: a public address to the first question for IPv4, a private one to all later ones."""
    answers = iter([PUBLIC])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((PRIVATE, 53))
        ready.set()
        while True:
            asked, who = server.recvfrom(512)
            end = asked.index(b"\0", 12) + 5
            (kind,) = struct.unpack(">H", asked[end - 4 : end - 2])
            found = b""
            if kind == 1:
                address = ipaddress.ip_address(next(answers, PRIVATE)).packed
                found = struct.pack(">HHHIH", 0xC00C, 1, 1, 0, 4) + address
            head = asked[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if found else 0, 0, 0)
            server.sendto(head + asked[12:end] + found, who)


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def serve(address: str, path: Path, reached: list[str]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = socket.create_server((address, PORT))

    def answer() -> None:
        while True:
            plain, _ = server.accept()
            reached.append(address)
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", f"{PUBLIC}/32", "dev", "lo"], check=True)
    folder = Path(tempfile.mkdtemp())
    (folder / "resolv.conf").write_text(f"nameserver {PRIVATE}\noptions attempts:1 timeout:2\n")
    subprocess.run(["mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf"], check=True)
    threading.Thread(target=name_server, daemon=True).start()
    ready.wait(20)
    path = certificate(folder)
    reached: list[str] = []
    for address in (PUBLIC, PRIVATE):
        serve(address, path, reached)
    trusted = ssl.create_default_context(cafile=str(path))
    checked_http.tls = lambda: trusted  # type: ignore[assignment]
    where = checked_http.target(f"https://{NAME}:{PORT}/hook")
    assert checked_http.post(where, {}, b"{}", seconds=20, limit=10).status == 204
    print(*reached)
    try:
        checked_http.post(where, {}, b"{}", seconds=20, limit=10)
        print("sent")
    except checked_http.Refused:
        print("refused")
    print(reached.count(PRIVATE))


ready = threading.Event()

if __name__ == "__main__":
    main()
