import re
from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "i18n" / "vi.po"
PAGES = (ROOT / "README.vi.md", ROOT / "doc" / "vi" / "su-dung.md")
# "thư" is an email only in these words, which everybody says (doc/glossary.md).
FIXED = re.compile(
    r"\b(?:"
    r"(?:hộp|máy chủ) thư(?: (?:đến|đi)\b(?! địa chỉ))?"
    r"|(?:kiểm tra|mã hóa|cổng|giao thức|kết quả|tình trạng|tên đăng nhập)"
    r" thư (?:đến|đi)\b(?! địa chỉ)"
    r"|thư (?:mục|rác|gốc|trả lời|tự động|báo lỗi|báo vắng mặt|xác nhận|chờ xử lý"
    r"|hàng loạt|đã gửi|mời|bàn giao)"
    r"|danh sách gửi thư|tất cả thư|luồng thư|gửi thư bằng địa chỉ"
    # The automatic mail of the sentence before.
    r"|thư đó không bao giờ|thì thư được giữ lại"
    r")\b",
    re.IGNORECASE,
)
# {what nobody is to read: what the catalogue says instead}
WORDS = {
    r"thư": "email",
    r"mẫu thư": "mẫu email",
    r"(?<!catch-all )e-mail|thư điện tử": "email",
    r"bí danh": "alias",
    r"(?<!catch-all \()nhận tất cả": "catch-all",
    r"định tuyến thư|bộ định tuyến email: ": "định tuyến email",
    r"kiểm tra vòng|gửi vòng|khứ hồi|(?:email|thư) kiểm tra(?! gửi - nhận)": (
        "kiểm tra gửi - nhận, email thử"
    ),
    r"cách ly|kiểm dịch": "Chờ bạn xử lý",
    r"(?:email|thư) đang giữ|giữ thư đang": "thư chờ xử lý",
    r"thả": "cho qua",
    r"chờ quyết định": "chờ xử lý",
    r"loại bỏ": "bỏ",
    r"viết nhầm|sai chính tả": "gõ nhầm",
    r"địa chỉ không có thật": "địa chỉ không tồn tại",
    r"vi-rút": "virus",
    r"nhấn|nhấp": "bấm",
    r"chứng thực": "xác thực",
    r"(?:gửi|chuyển|chuyển tiếp) tới": "đến",
    r"mã giám sát|mã tiếp nhận": "token",
    r"phiếu yêu cầu|yêu cầu hỗ trợ đầu tiên": "phiếu hỗ trợ",
    r"tiềm năng|cơ hội bán hàng(?!\))": "lead",
    r"giao việc|giao cho tôi": "phân công",
    r"\d %": "no space before %",
}
# What a sentence names: a button, a filter, a page of the menu.
NAMED = re.compile(
    r"\b(?:[Pp]ress|button|filter) ((?:[A-Z]\w*)(?: (?:[A-Z]\w*|the|an|for))*)"
)
MENU = re.compile(r"Mail Router((?: >|,) (?:[A-Z]\w*)(?: [A-Z]\w*)*)+")


def plain(text):
    """Return a text in lower case with single blanks."""
    return " ".join(text.lower().split())


def found(text):
    """Return {word that is not to be read: what to say instead} of a text."""
    rest = FIXED.sub(" ", text)
    return {
        match.group(0): instead
        for pattern, instead in WORDS.items()
        if (match := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", rest, re.IGNORECASE))
    }


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestVietnamese(BaseCase):
    """One word for one thing in Vietnamese, as people say it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        catalogue = polib.pofile(str(CATALOGUE))
        cls.said = {one.msgid: one.msgstr for one in catalogue if not one.obsolete}

    def test_the_words_are_found(self):
        self.assertEqual(found("Mở thư này trong hộp thư."), {"thư": "email"})
        self.assertEqual(found("Thư rác ở máy chủ thư đến"), {})
        self.assertIn("máy chủ thư", FIXED.search("máy chủ thư đến địa chỉ").group(0))
        self.assertIn("bí danh", found("Một bí danh"))

    def test_each_thing_has_one_word(self):
        for msgid, text in self.said.items():
            with self.subTest(msgid):
                self.assertEqual(found(text), {})

    def test_the_pages_say_the_same_words(self):
        for page in PAGES:
            for line in page.read_text(encoding="utf-8").splitlines():
                with self.subTest(page.name, line=line):
                    self.assertEqual(found(line), {})

    def named(self, text):
        """Return the terms of the catalogue that an English text names as a button,
        as a filter or on the way through the menu."""
        names = [match.group(1).split() for match in NAMED.finditer(text)]
        for match in MENU.finditer(text):
            parts = re.split(r" > |, ", match.group(0))
            names += [part.split() for part in parts]
        for name in names:
            while name and not self.said.get(" ".join(name)):
                name.pop()
        return {" ".join(name) for name in names if name}

    def test_what_a_sentence_names_is_named_as_on_the_screen(self):
        checked = set()
        for msgid, text in self.said.items():
            for name in self.named(msgid) if text else ():
                checked.add(name)
                with self.subTest(msgid, name=name):
                    self.assertIn(plain(self.said[name]), plain(text))
        self.assertLessEqual({"Retry", "Mail Router", "Round Trip Test"}, checked)
