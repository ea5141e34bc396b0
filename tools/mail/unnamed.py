"""The charset of bytes that name none: old mailers of Asia and the East write so.

What a text would be in each charset is compared with how its language is written: the
signs that make half of any text, and that capitals begin words. A subject of two words
suffices. Text in Latin letters is left to who asks.
"""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import exp, log

#: How much of a text is looked at.
MAX_SAMPLE = 2000
#: An alphabet's letters are more than one in so many bytes of a text.
SPARSE = 40
#: So much of a text has a third as many different bytes at least.
DRAWN = 24

# Letters of windows-1252, and its signs that people type, among ASCII letters.
_LATIN = re.compile(
    rb"(?<![\x80-\xff])(?:[\x80\x84\x85\x91-\x97\x99\xa0-\xa3\xa7\xa9-\xab\xae\xb0\xb2"
    rb"\xb4\xb5\xb7\xba-\xbd\xbf]"
    rb"|(?<=[A-Za-z])[\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc0-\xff]{1,2}"
    rb"|[\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc0-\xff]{1,2}(?=[A-Za-z])"
    rb"|[\xc0-\xff](?![A-Za-z]))(?![\x80-\xff])"
)
# What windows-1252 does not have.
_NO_LATIN = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_HIGH = re.compile(rb"[\x80-\xff]")
_PAIR = re.compile(rb"[\x80-\xff].?", re.DOTALL)

# The most frequent signs of everyday and business writing.
_SIMPLIFIED = (
    "的一是不了在有人我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后"
    "作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因"
    "只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应"
    "战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿"
    "原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
    "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界"
    "达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今"
    "切院让识候带导争运笔询价单订付款您请贵客户货物采购发票样品附件通知邮回复谢编号测试撤成功退税验证"
    "报销催收转账银行账厂商电子电汇司限款函质检图纸快递包装装箱"
)
_TRADITIONAL = (
    "的一是不了在有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後"
    "作里用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因"
    "只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應"
    "向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教兒原東"
    "聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才結反受目太量再感"
    "建務做接必場件計管期市直德資命山金指許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強"
    "即像難且權思王完設式色路記南品住告類求據程北邊張該交規萬取格望覺術領共確傳師觀清今詢價單訂付款您"
    "請貴客戶貨物採購發票樣附件通知郵回復覆謝編號測試功退稅驗證轉帳銀行廠商質檢圖紙快遞包裝箱"
)
_HANGUL = (
    "이다는에의을하가고기지은도로사한를정어시리자인대해그일서나아스수전부보과지장것라구들주원제으만상여"
    "동년면있성공생조적게우무조연소화비문선신국관업안요세경내교모회오진성바발방물방품거니합습드까계입견"
    "단당체위유금매송출청확메된될용치중간영간새산마미말양개결부녕께더저번했였님및럼귀답변드문의주문"
)
_KATAKANA = (
    "ッュョャェィァォウヴンースルトリアイラクレシロドフジコタプマグテパサバニメキツウデナオブモム"
    "カセノソチハエネミワポピボヒホビベダガズゴ"
)
_HIRAGANA = (
    "ってょゃゅのいなしにたとるをてはがであすかりまこれらもさうんきよくおえめつけそわせ"
    "どちだじやみろばぎほゆごねふ"
)
_KANJI = (
    "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書"
    "先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会社御注文件様願致確認見積書請求送付"
    "問合返信連絡報告資料契約品商価格納期発送受取部課担当者株式有限表示業新定方法事務用内容動作成変更"
    "手数料振込先住所番号再予約通知案内添付登録完了構築開始終了場主自分同地実体員理性世界政党的機関対相"
)
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў"
_GREEK = "αοιετσνηυρπκμλςγδθχφβξζψάέήίόύώϊϋ"
_HEBREW = "יוהלאתמשרבנדכחפקעגטםסןזךצףץ"
_ARABIC = "المينورتبعدسفهقكحجةأشصخطىضذئزغثإظؤءآ"
_MARKS = "«»№–—“”‘’…•·°€\xa0"
_THAI = "าันรอกเงม่ยลวดทสตะปบคหแ้จพชิีขใโไุูึืซธถศผณญ็ฟฐษ์ภำฝฉฆฎฏฬฮๆ๐"
# Marks that stand above or below a Thai letter.
_JOINING = frozenset("ัิีึืุู็่้๊๋์ํำ")

# What a sign is worth that no text of the language has, or that cannot stand there.
_UNLIKELY = log(1e-7)
# What the words of a subject are worth at least, in their own charset.
_SURE = -4.3
# And names and words that are less frequent; binary data is worth less.
_LEAST = -5.5
_ODD = log(0.002)
_ALL_CAPITALS = log(0.9)
# Marks and digits of full width, which all of the East writes.
_WIDE = dict.fromkeys("“”‘’—…·", log(0.004)) | {
    chr(code): log(0.004) for code in (*range(0x3000, 0x3012), *range(0xFF01, 0xFF5F))
}

# By codec: the frequent signs and their share of a text; then the first bytes of the
# rows that have the other signs in use, and the share of these.
_Signs = tuple[tuple[str, float], ...]
_JAPANESE: _Signs = ((_KANJI, 0.32), (_KATAKANA, 0.2), (_HIRAGANA, 0.4))
_EAST: dict[str, tuple[_Signs, tuple[int, int], float]] = {
    "gb18030": (((_SIMPLIFIED, 0.8),), (0xB0, 0xD7), 0.19),
    "cp950": (((_TRADITIONAL, 0.8),), (0xA4, 0xC6), 0.19),
    "cp949": (((_HANGUL, 0.75),), (0xB0, 0xC8), 0.24),
    "cp932": (_JAPANESE, (0x88, 0x98), 0.08),
    "euc_jp": (_JAPANESE, (0xB0, 0xCF), 0.08),
}
_ALPHABETS = {
    "cp1251": _CYRILLIC,
    "koi8-u": _CYRILLIC,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "cp874": _THAI,
}


def codec_guessed(data: bytes, *, is_sure: bool = False) -> str:
    """Return the codec of text in no Latin script that names no charset, else "".

    It is for bytes that are not UTF-8. Never raises, looks at `MAX_SAMPLE` of them,
    from the first that is not ASCII.

    :param is_sure: whether only a text that is plainly of its script counts
    """
    first = _HIGH.search(data)
    start = max(first.start() - 1, 0) if first else 0
    data = data[start : start + MAX_SAMPLE]
    if len(set(_PAIR.findall(data))) < 2 or _is_latin(data):
        return ""
    # A few letters of an alphabet in a long text are signs of something else.
    is_sparse = len(_HIGH.findall(data)) * SPARSE < len(data)
    asked = _EAST if is_sparse else (*_EAST, *_ALPHABETS)
    likely = {codec: _likelihood(data, codec) for codec in asked}
    best = max(likely, key=lambda codec: likely[codec])
    return best if likely[best] > (_SURE if is_sure else _LEAST) else ""


def _is_latin(data: bytes) -> bool:
    """Tell whether what is not ASCII stands among it as in Latin words, or is a
    pattern that somebody has drawn."""
    high = _HIGH.findall(data)
    strange = len(_NO_LATIN.findall(data))
    latin = sum(map(len, _LATIN.findall(data)))
    is_drawn = len(high) > DRAWN and len(set(high)) < DRAWN // 3
    return is_drawn or (latin * 3 > len(high) and strange * 8 < len(high))


def _likelihood(data: bytes, codec: str) -> float:
    """Return how likely a text is in a codec: the mean logarithm for each byte of its
    signs that are not ASCII."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data)
    except ValueError:
        return _UNLIKELY
    signs = "".join(sign for sign in text if not sign.isascii())
    width = 2 if codec in _EAST else 1
    if not signs:
        return _UNLIKELY
    start = 0.0
    if signs.isupper():
        text, signs, start = text.lower(), signs.lower(), _ALL_CAPITALS
    likely = _signs_of(codec)
    total = sum(likely.get(sign, _UNLIKELY * width) for sign in signs)
    return start + (total + sum(_oddities(text))) / (width * len(signs))


def _oddities(text: str) -> Iterator[float]:
    """Yield what each sign costs that cannot follow the one before it."""
    before = " "
    for sign in text:
        if not sign.isascii():
            is_capital = sign.isupper() and before.islower()
            if is_capital or (sign in _JOINING and not "ก" <= before <= "๛"):
                yield _ODD
        before = sign


@lru_cache(maxsize=len(_EAST) + len(_ALPHABETS))
def _signs_of(codec: str) -> dict[str, float]:
    """Return how likely each sign is in texts of a codec, in logarithms."""
    if codec in _ALPHABETS:
        return _letters(_ALPHABETS[codec])
    frequent, (first, last), share = _EAST[codec]
    pairs = product(range(first, last + 1), range(0x40, 0xFF))
    rows = b"".join(map(bytes, pairs)).decode(codec, "ignore")
    likely = _WIDE | _shared(rows, share)
    for signs, part in frequent:
        likely |= _shared(signs, part)
    return likely


def _shared(signs: str, share: float) -> dict[str, float]:
    """Return signs that are each as likely as the others, with their share in all."""
    known = [sign for sign in set(signs) if not sign.isascii()]
    return dict.fromkeys(known, log(share / len(known)))


def _letters(alphabet: str) -> dict[str, float]:
    """Return the letters of an alphabet, the most frequent first; a capital is a
    twentieth of its letter."""
    weights = [exp(-4 * place / len(alphabet)) for place in range(len(alphabet))]
    likely = {
        sign: log(weight / sum(weights))
        for sign, weight in zip(alphabet, weights, strict=True)
    }
    capitals = {sign.upper(): value + log(0.05) for sign, value in likely.items()}
    return dict.fromkeys(_MARKS, log(0.01)) | capitals | likely
