"""Vietnamese of the time before Unicode is read although nobody names its charset."""

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers
from odoo.addons.mail_catchall_router.tools.mail.text import decode_bytes
from odoo.addons.mail_catchall_router.tools.mail.vietnamese import codec_of_vietnamese

from ..strategies import given, quick, st

#: "Xin báo giá bàn ghế, cảm ơn" in each charset.
WRITTEN = {
    "tcvn": b"Xin b\xb8o gi\xb8 b\xb5n gh\xd5, c\xb6m \xacn",
    "viscii": b"Xin b\xe1o gi\xe1 b\xe0n gh\xaa, c\xe4m \xbdn",
    "cp1258": b"Xin b\xe1o gi\xe1 b\xe0n gh\xea\xec, ca\xd2m \xf5n",
}
TEXT = "Xin báo giá bàn ghế, cảm ơn"
#: Texts that have letters of Latin sets, or signs beside letters.
LATIN = (
    "Été à Paris, le café était fermé. Où êtes-vous né ?",
    "Größe: müde, schön, für Österreich",
    "São Paulo: não, coração, é à tarde. Nº 5, 2ª via",
    "¿Cuánto cuesta? Mañana a las 3½h, 20 °C",
    "«Bonjour» dit-il, c'était n°5",
    "a² + b² = c², x³; 5 m², 10 m²",
    "©2020 Foo®, 10µm, 5µs",
    "1º andar à direita, 2º à esquerda",
    "là né thé",
    "Ma·ni · tel·la col·legi",
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestVietnamese(BaseCase):
    """The words say in which charset they are."""

    def test_its_words_are_known(self):
        for codec, data in WRITTEN.items():
            with self.subTest(codec):
                self.assertEqual(codec_of_vietnamese(data), codec)
                self.assertEqual(decode_bytes(data), TEXT)
                self.assertEqual(decode_bytes(data, "x-unknown"), TEXT)
                self.assertEqual(decode_bytes(data.upper()[:3]), "XIN")

    def test_a_subject_in_bytes_is_read(self):
        headers = parse_headers(b"Subject: " + WRITTEN["tcvn"] + b"\n\n")
        self.assertEqual(headers.get("Subject"), TEXT)

    def test_other_languages_are_left_alone(self):
        for text in LATIN:
            with self.subTest(text):
                self.assertEqual(decode_bytes(text.encode("latin-1")), text)
        for text, codec in (
            ("Привет, как дела?", "cp1251"),
            ("Γειά σου Κόσμε", "cp1253"),
            ("สวัสดีครับ ขอใบเสนอราคา", "cp874"),
            ("你好，请报价，谢谢您的回复", "gb18030"),
            ("見積書をお願いします", "cp932"),
        ):
            with self.subTest(text):
                self.assertEqual(decode_bytes(text.encode(codec)), text)

    @quick
    @given(st.binary())
    def test_it_never_raises(self, data):
        codec_of_vietnamese(data)
