import re
import unittest
from pathlib import Path

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import profiles
from odoo.addons.mail_catchall_router.tools.servers import hosters, providers

ROOT = Path(__file__).resolve().parents[1]
OWN_DOMAIN = "`mail.` and your domain"
SECURITY = {providers.SSL: "SSL/TLS", providers.STARTTLS: "STARTTLS"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
STEP = re.compile(r"^\|.+\|$", re.MULTILINE)
COMMAND = re.compile(r"`dev/\w+|^dev/\w+", re.MULTILINE)
OF_ROUTER = re.compile(r"router's \*{1,2}([^*]+)\*")
MSGID = re.compile(r'^msgid "(.+?)(?: \([^()]+\))?"$', re.MULTILINE)
OF_ODOO = {"Actions"}
FIRST_PAGE = 10 * 1024  # bytes


def anchor(heading):
    """Return the name under which GitHub links a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestDocumentation(BaseCase):
    """The pages say what the code does, and lead where they say."""

    def pages(self):
        return [*ROOT.glob("*.md"), *ROOT.glob("doc/**/*.md")]

    def text(self, page):
        return page.read_text(encoding="utf-8")

    def test_the_first_page_is_short_and_says_the_same_in_both_languages(self):
        english, vietnamese = (
            self.text(ROOT / name) for name in ("README.md", "README.vi.md")
        )
        self.assertLessEqual(len(english.encode()), FIRST_PAGE)
        # Its letters take more bytes than those of English.
        self.assertLessEqual(len(vietnamese), FIRST_PAGE)
        for kind in (HEADING, PICTURE, STEP, COMMAND):
            with self.subTest(kind.pattern):
                found = [kind.findall(text) for text in (english, vietnamese)]
                self.assertTrue(found[0])
                self.assertEqual(*map(len, found))
        pictures = PICTURE.findall(vietnamese)
        self.assertTrue(all(one.startswith("doc/vi/") for one in pictures))

    def test_every_link_leads_somewhere(self):
        anchors = {
            page: {anchor(heading) for heading in HEADING.findall(self.text(page))}
            for page in self.pages()
        }
        self.assertIn(ROOT / "doc" / "providers.md", anchors)
        for page in self.pages():
            for target in LINK.findall(CODE_BLOCK.sub("", self.text(page))):
                if "://" in target:
                    continue
                name, _mark, heading = target.partition("#")
                found = (page.parent / name).resolve() if name else page
                with self.subTest(page=page.name, target=target):
                    self.assertTrue(found.exists())
                    self.assertTrue(not heading or heading in anchors[found])

    def test_the_page_of_what_waits_has_one_name(self):
        pages = (*self.pages(), *ROOT.glob("static/description/*.html"))
        for page in pages:
            with self.subTest(page=page.name):
                self.assertNotRegex(
                    self.text(page), r"\bQuarantine\b|\b[Tt]he quarantine\b"
                )

    def test_what_pages_call_the_routers_stands_on_a_screen(self):
        terms = ROOT / "i18n" / "mail_catchall_router.pot"
        shown = set(MSGID.findall(self.text(terms)))
        named = {
            (page.name, name)
            for page in self.pages()
            for name in OF_ROUTER.findall(self.text(page))
        }
        self.assertTrue(named)
        self.assertFalse({one for one in named if one[1] not in shown | OF_ODOO})

    def test_the_page_of_providers_names_every_profile(self):
        rows = self.text(ROOT / "doc" / "providers.md").splitlines()
        for profile in profiles.PROFILES:
            with self.subTest(profile=profile.code):
                found = [row for row in rows if f"| `{profile.code}` |" in row]
                self.assertEqual(len(found), 1)

    def test_the_page_of_providers_names_every_hoster(self):
        rows = self.text(ROOT / "doc" / "providers.md").splitlines()
        for hoster in hosters.HOSTERS:
            with self.subTest(hoster=hoster.code):
                [row] = [one for one in rows if one.startswith(f"| {hoster.name} |")]
                endings = ", ".join(f"`{one}`" for one in hoster.mail_exchangers)
                self.assertIn(f"| {endings} |", row)
                for page in filter(None, (hoster.page, hoster.catch_all)):
                    self.assertIn(f"({page})", row)

    def test_the_page_of_providers_says_what_the_presets_say(self):
        text = self.text(ROOT / "doc" / "providers.md")
        sections = {
            part.partition("\n")[0].strip(): part for part in text.split("\n## ")[1:]
        }
        for provider in providers.PROVIDERS:
            with self.subTest(provider=provider.code):
                section = sections[provider.name]
                for server in (provider.incoming, provider.outgoing):
                    if provider.code == "ses" and server == provider.incoming:
                        continue  # it has no mailboxes
                    host = server.host
                    shown = OWN_DOMAIN if "{" in host else f"`{host}`"
                    self.assertIn(
                        f"| {shown} | {server.port} | {SECURITY[server.security]} |",
                        section,
                    )
                [row] = [
                    line
                    for line in text.splitlines()
                    if line.startswith(f"| [{provider.name}]")
                ]
                limits = (
                    (provider.per_minute, "a minute"),
                    (provider.per_hour, "an hour"),
                    (provider.per_day, "a day"),
                )
                named = ", ".join(
                    f"{count:,} {unit}" for count, unit in limits if count
                )
                self.assertIn(named or "| - |", row)

    @unittest.skipUnless((ROOT / "e2e").is_dir(), "e2e stays in the repository")
    def test_the_tests_that_pages_name_are_there(self):
        pages = (ROOT / "doc" / "promises.md", ROOT / "doc" / "threats.md")
        text = "\n".join(map(self.text, pages))
        files = set(re.findall(r"`((?:tests|e2e)/[\w/]+\.py)`", text))
        names = set(re.findall(r"`(test_\w+)`", text))
        self.assertTrue(files)
        self.assertTrue(names)
        for file in files:
            with self.subTest(file=file):
                self.assertTrue((ROOT / file).exists())
        known = {
            name
            for folder in ("tests", "e2e")
            for file in ROOT.glob(f"{folder}/**/*.py")
            for name in re.findall(r"def (test_\w+)\(", self.text(file))
        }
        self.assertFalse(names - known)
