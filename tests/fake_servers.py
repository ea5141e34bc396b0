"""An IMAP and a POP3 server in memory, spoken to by the real imaplib and poplib.

They do what RFC 3501, RFC 6851, RFC 4315 and RFC 1939 say a server may do, the
unusual included: answers in any order, answers nobody asked for, refusals.
"""

import imaplib
import io
import poplib
import re

from odoo.addons.mail_catchall_router.tools.servers import imap

DATE = b"17-Jul-2024 02:44:25 +0700"


class Wire(io.RawIOBase):
    """Both ends of a connection: what is sent is answered at once."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.waiting = bytearray(server.greeting)

    def sendall(self, data):
        if getattr(self.server, "literal_of", None):
            self.waiting += self.server.take_literal(data)
            return
        for line in data.splitlines():
            self.waiting += self.server.answer(line)

    def makefile(self, _mode):
        return io.BufferedReader(self)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.waiting[: len(buffer)]
        del self.waiting[: len(buffer)]
        buffer[: len(data)] = data
        return len(data)

    def shutdown(self, _how):
        """Sockets have it; nothing is left to do here."""


class ImapConnection(imaplib.IMAP4):
    """imaplib, wired to a fake server."""

    def __init__(self, server):
        self.wire = Wire(server)
        super().__init__()
        self.login("catchall", "secret")

    def open(self, host="", port=0, timeout=None):
        self.sock = self.wire
        self.file = self.wire.makefile("rb")


class ImapServer:
    """One folder of mails `{uid: raw}`, other folders as sets of names."""

    greeting = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"

    def __init__(self, mails=None, capabilities="IMAP4rev1 MOVE UIDPLUS"):
        self.mails = dict(mails or {})
        self.flags = {uid: set() for uid in self.mails}
        self.folders = {"INBOX": {}}
        self.capabilities = capabilities
        self.uidvalidity = b"7"
        self.tells_uidnext = True
        self.status_uidnext = 0  # what STATUS tells; 0: it refuses
        self.refused = {}  # uid: part that it refuses to give
        self.sizes = {}  # uid: a size that is not true
        self.refusal = b"NO [SERVERBUG] cannot read this mail"
        self.noise = b""  # sent before every FETCH answer
        self.backwards = False
        self.knows_parts = True
        self.commands = []
        self.selected = None
        self.literal_of = None  # (tag, folder) of the APPEND whose mail is awaited
        self.append_status = b"OK stored"
        self.uses = {}  # folder: its special use; None: it lists nothing
        self.unseen = {}  # folder: number of unread mails
        self.wants_id = False  # before it opens a folder (RFC 2971)
        self.prefix = ""  # without which no folder can be made (RFC 2342)

    def answer(self, line):
        tag, _space, command = line.partition(b" ")
        text = command.decode()
        self.commands.append(text)
        name, _space, rest = text.partition(" ")
        if name == "APPEND":
            return self.begin_append(tag, rest)
        method = getattr(self, f"do_{name.lower()}", None)
        untagged, status = method(rest) if method else (b"", b"BAD unknown command")
        return untagged + tag + b" " + status + b"\r\n"

    # Commands: (untagged answers, status).

    def do_capability(self, _rest):
        return f"* CAPABILITY {self.capabilities}\r\n".encode(), b"OK done"

    def do_login(self, _rest):
        return b"", b"OK logged in"

    def do_logout(self, _rest):
        return b"* BYE\r\n", b"OK bye"

    def do_subscribe(self, _rest):
        return b"", b"OK done"

    def do_namespace(self, _rest):
        return f'* NAMESPACE (("{self.prefix}" ".")) NIL NIL\r\n'.encode(), b"OK done"

    def do_create(self, rest):
        if not rest.strip('"').startswith(self.prefix):
            return b"", b"NO Invalid mailbox name."
        if rest.strip('"') in self.folders:
            return b"", b"NO [ALREADYEXISTS] Mailbox already exists"
        self.folders[rest.strip('"')] = {}
        return b"", b"OK created"

    def do_id(self, rest):
        self.wants_id = self.wants_id and '"name"' not in rest
        return b"* ID NIL\r\n", b"OK done"

    def do_select(self, rest):
        if self.wants_id:
            return b"", b"NO SELECT Unsafe Login. Please contact kefu@188.com for help"
        if rest.strip('"') not in self.folders:
            return b"", b"NO [NONEXISTENT] Mailbox does not exist"
        self.selected = rest.strip('"')
        answer = b"* %d EXISTS\r\n* OK [UIDVALIDITY %s] ok\r\n" % (
            len(self.mails),
            self.uidvalidity,
        )
        if self.tells_uidnext:
            answer += b"* OK [UIDNEXT %d] ok\r\n" % (max(self.mails, default=0) + 1)
        return answer, b"OK [READ-WRITE] selected"

    def do_examine(self, rest):
        answer, status = self.do_select(rest)
        return answer, status.replace(b"READ-WRITE", b"READ-ONLY")

    def do_list(self, _rest):
        if self.uses is None:
            return b"", b"NO not now"
        listed = "".join(
            f'* LIST (\\HasNoChildren {use}) "/" {imap.quote_folder(name)}\r\n'
            for name, use in {"INBOX": "", **self.uses}.items()
        )
        return listed.encode(), b"OK listed"

    def do_status(self, rest):
        name = rest.rpartition(" ")[0]
        if "UIDNEXT" in rest:
            told = f"* STATUS {name} (UIDNEXT {self.status_uidnext})\r\n"
            return told.encode(), b"OK done" if self.status_uidnext else b"NO not now"
        counts = {imap.quote_folder(one): n for one, n in self.unseen.items()}
        return f"* STATUS {name} (UNSEEN {counts[name]})\r\n".encode(), b"OK done"

    def do_fetch(self, rest):
        numbers, _space, parts = rest.partition(" ")
        uids = sorted(self.mails)
        if any(int(number) > len(uids) for number in numbers.split(",")):
            return b"", b"BAD invalid message number"
        found = [uids[int(number) - 1] for number in numbers.split(",")]
        return self.fetched(found, parts), b"OK done"

    def do_uid(self, rest):
        name, _space, rest = rest.partition(" ")
        return getattr(self, f"uid_{name.lower()}")(rest)

    def begin_append(self, tag, rest):
        name, _space, self.append_options = rest.partition(" ")
        if name.strip('"') not in self.folders:
            return tag + b" NO [TRYCREATE] Mailbox does not exist\r\n"
        self.literal_of = (tag, name.strip('"'))
        return b"+ go on\r\n"

    def take_literal(self, data):
        if data != b"\r\n":
            self.literal = data
            return b""
        (tag, folder), self.literal_of = self.literal_of, None
        if self.append_status.startswith(b"OK"):
            self.folders[folder][len(self.folders[folder]) + 1] = self.literal
        return tag + b" " + self.append_status + b"\r\n"

    def search_header(self, name, value):
        """Return the UIDs in the selected folder with this in a header."""
        wanted = re.compile(
            rb"(?im)^%s:.*%s" % (name.encode(), re.escape(value.encode()))
        )
        mails = self.folders[self.selected]
        return [uid for uid, raw in mails.items() if wanted.search(raw)]

    def uid_search(self, rest):
        if header := re.search(r'HEADER (\S+) "(.*)"', rest):
            uids = self.search_header(*header.groups())
            return b"* SEARCH%s\r\n" % b"".join(
                b" %d" % uid for uid in uids
            ), b"OK done"
        found = self.mails_in(re.search(r"UID (\S+)", rest)[1])
        if "UNSEEN" in rest:
            found = [uid for uid in found if "\\Seen" not in self.flags[uid]]
        listed = b"".join(b" %d" % uid for uid in found)
        return b"* SEARCH%s\r\n" % listed, b"OK done"

    def uid_fetch(self, rest):
        uid_set, _space, parts = rest.partition(" ")
        found = self.mails_in(uid_set)
        given = [u for u in found if self.refused.get(u, "\0") not in parts]
        answer = self.fetched(given, parts)
        return answer, b"OK done" if given == found else self.refusal

    def uid_store(self, rest):
        uid_set, mode, flag = rest.split(" ")
        for uid in self.mails_in(uid_set):
            change = self.flags[uid].discard if mode[0] == "-" else self.flags[uid].add
            change(flag.strip("()"))
        return b"", b"OK done"

    def uid_copy(self, rest):
        uid_set, _space, folder = rest.partition(" ")
        target = self.folders.get(folder.strip('"'))
        if target is None:
            return b"", b"NO [TRYCREATE] no such folder"
        target.update({uid: self.mails[uid] for uid in self.mails_in(uid_set)})
        return b"", b"OK done"

    def uid_move(self, rest):
        answer, status = self.uid_copy(rest)
        if status.startswith(b"OK"):
            for uid in self.mails_in(rest.partition(" ")[0]):
                del self.mails[uid]
        return answer, status

    def uid_expunge(self, rest):
        for uid in self.mails_in(rest):
            if "\\Deleted" in self.flags[uid]:
                del self.mails[uid]
        return b"", b"OK done"

    # Helpers

    def mails_in(self, uid_set):
        """As RFC 3501 9 has it: ranges in any order, `*` is the last mail."""
        last = max(self.mails, default=0)
        found = set()
        for part in uid_set.split(","):
            ends = [last if e == "*" else int(e) for e in part.split(":")]
            found |= {u for u in self.mails if min(ends) <= u <= max(ends)}
        return sorted(found)

    def fetched(self, uids, parts):
        answers = [self.noise + self.fetched_one(uid, parts) for uid in uids]
        return b"".join(reversed(answers) if self.backwards else answers)

    def fetched_one(self, uid, parts):
        raw = self.mails[uid]
        items = [b"UID %d" % uid]
        if "FLAGS" in parts:
            items.append(b"FLAGS (%s)" % " ".join(sorted(self.flags[uid])).encode())
        if "INTERNALDATE" in parts:
            items.append(b'INTERNALDATE "%s"' % DATE)
        if "RFC822.SIZE" in parts:
            items.append(b"RFC822.SIZE %d" % self.sizes.get(uid, len(raw)))
        if part := re.search(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", parts):
            items.append(self.part_of(raw, *map(int, part.groups())))
        elif "BODY.PEEK[]" in parts:
            items.append(b"BODY[] {%d}\r\n%s" % (len(raw), raw))
        if "BODY.PEEK[HEADER]" in parts:
            headers = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            items.append(b"BODY[HEADER]<0> {%d}\r\n%s" % (len(headers), headers))
        number = sorted(self.mails).index(uid) + 1
        return b"* %d FETCH (%s)\r\n" % (number, b" ".join(items))

    def part_of(self, raw, start, count):
        """As RFC 3501 6.4.5 has it; or the whole mail, as some servers do."""
        if not self.knows_parts:
            return b"BODY[] {%d}\r\n%s" % (len(raw), raw)
        part = raw[start : start + count]
        return b"BODY[]<%d> {%d}\r\n%s" % (start, len(part), part)


class PopConnection(poplib.POP3):
    """poplib, wired to a fake server."""

    def __init__(self, server):
        self.wire = Wire(server)
        super().__init__("pop.test")

    def _create_socket(self, timeout):
        return self.wire


class PopServer:
    """A mailbox of mails `{uidl: raw}`."""

    greeting = b"+OK ready\r\n"

    def __init__(self, mails):
        self.mails = dict(mails)
        self.refused = set()  # names of commands
        self.deleted = []

    def answer(self, line):
        name, *arguments = line.decode().split(" ")
        if name in self.refused:
            return b"-ERR [SYS/TEMP] not now\r\n"
        return getattr(self, f"do_{name.lower()}")(*arguments)

    def do_quit(self):
        return b"+OK bye\r\n"

    def do_list(self):
        return self.lines(f"{n} {len(raw)}" for n, (_, raw) in self.numbered())

    def do_uidl(self):
        return self.lines(f"{n} {uidl}" for n, (uidl, _) in self.numbered())

    def do_retr(self, number):
        return self.multiline(self.raw(number))

    def do_top(self, number, _lines):
        return self.multiline(self.raw(number).partition(b"\r\n\r\n")[0] + b"\r\n\r\n")

    def do_dele(self, number):
        self.deleted.append(int(number))
        return b"+OK\r\n"

    def numbered(self):
        return enumerate(self.mails.items(), start=1)

    def raw(self, number):
        return list(self.mails.values())[int(number) - 1]

    def lines(self, lines):
        return self.multiline("".join(f"{line}\r\n" for line in lines).encode())

    def multiline(self, raw):
        stuffed = re.sub(rb"(?m)^\.", b"..", raw)
        return b"+OK\r\n" + stuffed + b".\r\n"
