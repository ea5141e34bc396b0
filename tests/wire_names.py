"""Names and subjects that mail has to carry unharmed, shared by the tests of several
readers."""

#: As companies and people write them, and as those write them who mean no good.
NAMES = (
    "Lan",
    "Doe, John",
    "Doé, John",
    "Co., Ltd.",
    "Tên Miền Co., Ltd.",
    "CEO <ceo@own.test> ö",
    "ceo@own.test, ö",
    "ceo@own.test",
    "<ceo@own.test>",
    'Nguyễn "Ben" Văn',
    '"quoted"',
    "O'Brien (Sales) [EU]",
    "back\\slash",
    "ends with \\",
    "a: b; c",
    "株式会社ドメイン，営業部",
    "Общество с ограниченной ответственностью «Домен», отдел продаж",
    "שלום, עולם \u200f",
    "مرحبا، بالعالم \u202egnp.exe",
    "👩‍👩‍👧‍👦 Family, Inc.",
    "Z̴a̷l̶g̵o̸ ế̷",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "x" * 300,
    "ơ" * 150,
    "Công ty trách nhiệm hữu hạn một thành viên thương mại dịch vụ xuất nhập khẩu",
)

SUBJECTS = (
    "Hello",
    "khách hàng - … - báo giá số 12 cho công ty của chúng tôi, tháng mười một",
    "Re: khách hàng  - …  hai dấu cách, và nhiều chữ nữa để xuống dòng một lần",
    "plain words that go on for longer than one line of a header may be, so it folds",
    "plain words  with two spaces  here  and there  that are  all kept  as they are ok",
    "x" * 2000,
    "=?utf-8?q?not_encoded?= by us",
    "日本語の件名" * 20,
    "👩‍👩‍👧‍👦" * 20,
    "ends in a colon:",
    '[SO-001] Đơn hàng, <b>gấp</b> "ngay" @ 5€',
)
