"""A real mail server for one test: aiosmtpd on loopback, with STARTTLS, a password, and a folder of what it took.

    server.py PORT FOLDER [CERTIFICATE KEY USER PASSWORD [WORD]]

Without a certificate it takes mail without TLS and from anybody. Each mail is a file of the folder as it came, with a line of its recipients before it. A recipient with WORD in their address is
refused for good. It runs until it is stopped.
"""

import asyncio
import ssl
import sys
import tempfile
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    def __init__(self, folder, refused):
        self.folder, self.refused, self.count = folder, refused, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refused and self.refused in address:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
            file.write(", ".join(envelope.rcpt_tos).encode() + b"\r\n" + envelope.content)
        # it appears when it is whole
        Path(file.name).rename(self.folder / f"{self.count:03}.eml")
        return "250 Taken"


async def main(port, folder, certificate=None, key=None, user="", password="", refused=""):
    keeper = Keeper(Path(folder), refused)
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)

    def check(server, session, envelope, mechanism, given):
        is_them = isinstance(given, LoginPassword) and (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=is_them, handled=is_them)

    def smtp():
        return SMTP(
            keeper,
            hostname="mail.example.org",
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=tls is not None,
            authenticator=check,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(smtp, host="127.0.0.1", port=int(port))
    async with server:
        print("listening", flush=True)
        await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
