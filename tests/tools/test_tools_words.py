from odoo.tests import BaseCase, tagged

from ...tools.mail import words
from ..strategies import given, quick, st


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWords(BaseCase):
    """Mail is found however its words are typed."""

    def finds(self, typed, text):
        return all(part in words.searchable(text) for part in words.asked(typed))

    def test_accents_and_case_do_not_matter(self):
        for typed, text in (
            ("hoa don", "Hóa Đơn tháng 11"),
            ("HÓA ĐƠN", "hoa don thang 11"),
            ("strasse", "Hauptstraße 7"),
            ("soren", "Søren Kierkegaard"),
            ("łodz", "Lodz"),
            # One writes the tone apart from its letter.
            ("ho\u0301a", "hóa"),
        ):
            self.assertTrue(self.finds(typed, text), typed)

    def test_all_words_are_looked_for_in_any_order(self):
        self.assertTrue(self.finds("lamps twenty", "We need twenty lamps"))
        self.assertFalse(self.finds("lamps thirty", "We need twenty lamps"))

    def test_a_part_of_a_word_or_of_an_address_is_enough(self):
        for typed in ("customer.ex", "lan@", "order_7", "voice"):
            text = "Invoice order_7 lan@customer.example"
            self.assertTrue(self.finds(typed, text), typed)

    def test_one_or_two_letters_begin_a_word(self):
        self.assertTrue(self.finds("a 7", "No. 7 of Anna"))
        self.assertFalse(self.finds("n", "Anna"))
        self.assertEqual(words.asked("会議"), ("会議",))

    def test_nothing_is_asked_for_by_nothing(self):
        self.assertEqual(words.asked("  \t"), ())
        self.assertEqual(words.searchable(""), "")

    def test_however_much_is_typed_there_is_an_end(self):
        self.assertEqual(len(words.asked("word " * 1000)), words.MAX_WORDS)
        self.assertEqual(len(words.asked("x" * 1000)[0]), words.MAX_WORD)
        self.assertLessEqual(len(words.searchable("x " * 9999)), words.MAX_TEXT + 1)

    @given(st.text(max_size=80))
    @quick
    def test_a_text_is_found_by_itself(self, text):
        self.assertTrue(self.finds(text, text))

    def test_an_index_is_asked_for_what_few_have(self):
        texts = [f" order {n} lan@customer.example" for n in range(100)]
        for typed, few in (
            ("minh@customer.example", ("minh@",)),
            ("order minh", ("minh",)),
            ("a lamps", (" a", "lamps")),
            # What all have is asked for by its longest piece, what is short by itself.
            ("order customer.example", ("customer.",)),
            ("a.b", ("a.b",)),
            ("%", (" %",)),
        ):
            with self.subTest(typed):
                self.assertEqual(words.telling(words.asked(typed), texts), few)
        self.assertEqual(words.telling(["order"], []), ("order",))

    @given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
    @quick
    def test_what_an_index_is_asked_for_is_part_of_what_was_typed(self, typed, texts):
        parts = words.asked(typed)
        for piece in words.telling(parts, texts):
            self.assertTrue(any(piece in part for part in parts))
