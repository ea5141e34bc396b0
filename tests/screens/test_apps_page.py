from docutils.core import publish_string
from lxml import html

from odoo.modules import Manifest
from odoo.tests import BaseCase, tagged
from odoo.tools import file_open, file_path

ADDON = "mail_catchall_router"
FOLDER = f"{ADDON}/static/description"
LARGEST = 150 * 1024  # bytes


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAppsPage(BaseCase):
    """The page of the Apps list stands by itself."""

    def page(self):
        """Return the page as an element."""
        with file_open(f"{FOLDER}/index.html") as stream:
            return html.fromstring(stream.read())

    def size_of(self, name):
        with file_open(f"{ADDON}/{name}", "rb") as stream:
            return len(stream.read())

    def test_all_its_pictures_are_there_small_and_described(self):
        pictures = self.page().findall(".//img")
        self.assertTrue(pictures)
        for picture in pictures:
            name = picture.get("src")
            with self.subTest(name):
                self.assertLess(
                    self.size_of(f"static/description/{name}"), LARGEST, name
                )
                self.assertTrue(picture.get("alt"))

    def test_it_loads_nothing_from_outside_and_runs_nothing(self):
        for element in self.page().iter():
            self.assertNotIn(element.tag, ("script", "link", "iframe", "style"))
            for name, value in element.items():
                self.assertFalse(name.startswith("on"), name)
                self.assertNotIn("//", value)

    def test_the_banner_of_the_manifest_is_there(self):
        images = Manifest.for_addon(ADDON)["images"]
        self.assertTrue(images)
        for name in images:
            self.assertTrue(file_path(f"{ADDON}/{name}"))
            self.assertLess(self.size_of(name), LARGEST)

    def test_the_description_is_restructured_text(self):
        """Odoo reads README.md as such where the manifest has no description."""
        stated = Manifest.for_addon(ADDON).description
        with file_open(f"{ADDON}/README.md") as stream:
            self.assertNotEqual(stated, stream.read())
        # From warnings on, docutils raises instead of printing.
        text = publish_string(stated, settings_overrides={"halt_level": 2})
        self.assertIn(b"Nothing is lost", text)
