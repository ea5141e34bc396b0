"""What programs write in mail: the phrases that tell their mail from people's.

Data, by language, divided by "/". Phrases are compared folded: without case,
accents and hyphens, so one spelling stands for "Tự động trả lời" and for "Tu dong
tra loi".
"""

import re
from collections.abc import Iterable, Mapping

from .text import without_combining

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS = str.maketrans(
    {"đ": "d", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "\u2019": "'"}
)
_HYPHEN = re.compile(r"(?<=\w)[-_\u2010\u2011](?=\w)")


def fold(text: str) -> str:
    """Return ``text`` without case, accents, hyphens and runs of blanks."""
    plain = without_combining(text.casefold(), "NFKD")
    return " ".join(_HYPHEN.sub(" ", plain.translate(_LETTERS)).split())


def any_of(*tables: str | Mapping[str, str]) -> str:
    """Return a regular expression for the folded phrases of ``tables``.

    A table is a text of phrases divided by "/", or {language: text}. The longest phrase
    is tried first.
    """
    texts = [text for table in tables for text in _texts(table)]
    folded = {fold(phrase) for text in texts for phrase in text.split("/")}
    longest_first = sorted(folded, key=lambda phrase: (-len(phrase), phrase))
    return either(*map(re.escape, longest_first))


def either(*patterns: str) -> str:
    """Return a regular expression that fits what any of ``patterns`` fits."""
    return "|".join(patterns)


def _texts(table: str | Mapping[str, str]) -> Iterable[str]:
    return (table,) if isinstance(table, str) else table.values()


#: How programs begin, or in brackets end, the subject of an answer nobody wrote.
AUTO_REPLY_SUBJECTS = {
    "ar": """
        رد تلقائي / الرد التلقائي / خارج المكتب
    """,
    "bg": """
        Автоматичен отговор / Извън офиса
    """,
    "bs hr sr": """
        Automatski odgovor / Аутоматски одговор / Automatska poruka
    """,
    "ca": """
        Resposta automàtica / Fora de l'oficina
    """,
    "cs sk": """
        Automatická odpověď / Mimo kancelář / Mimo kanceláře
    """,
    "da nb sv": """
        Autosvar / Automatisk svar / Automatiskt svar / Fraværende /
        Frånvaromeddelande / Ikke til stede
    """,
    "de": """
        Automatische Antwort / Autom. Antwort / Abwesenheitsnotiz /
        Abwesenheitsnachricht / Abwesend / Abwesenheit / Abwesenheitsassistent /
        Automatische Rückantwort / Automatische E-Mail-Antwort / Auto-Antwort
    """,
    "el": """
        Αυτόματη απάντηση / Εκτός γραφείου
    """,
    "en": """
        Automatic reply / Automatic response / Automated reply / Automated response /
        Automatic answer / Auto reply / Auto-reply / Autoreply / Auto response /
        Auto-response / Autoresponse / Autoresponder / Out of office /
        Out of the office / Out of office autoreply / Out of office reply /
        Out of office notice / Out of office response / OOO autoreply / OOO reply /
        Out of office automatic reply / Vacation reply / Vacation response /
        Vacation message / Vacation notice / Away from office / Away from the office /
        Away from my mail / Absence notice / Absence notification / Away message /
        I am out of the office / I'm out of the office / I am on vacation / On vacation
    """,
    "es": """
        Respuesta automática / Autorespuesta / Auto-respuesta / Fuera de la oficina /
        Fuera de oficina / Contestación automática / Ausencia de la oficina
    """,
    "et": """
        Automaatvastus / Automaatne vastus / Kontorist väljas
    """,
    "fa": """
        پاسخ خودکار / پاسخ اتوماتیک
    """,
    "fi": """
        Automaattinen vastaus / Automaattivastaus / Poissaoloviesti / Poissa toimistosta
    """,
    "fr": """
        Réponse automatique / Réponse auto / Message d'absence / Absence du bureau /
        Absent du bureau / Absente du bureau / En dehors du bureau /
        Notification d'absence / Avis d'absence
    """,
    "he": """
        מענה אוטומטי / תשובה אוטומטית / מחוץ למשרד
    """,
    "hi": """
        स्वचालित उत्तर / स्वत: उत्तर
    """,
    "hu": """
        Automatikus válasz / Házon kívül
    """,
    "id ms": """
        Balasan otomatis / Balas otomatis / Jawaban otomatis / Jawapan automatik /
        Balasan automatik
    """,
    "it": """
        Risposta automatica / Risposta automatizzata / Fuori ufficio / Fuori sede /
        Messaggio di assenza
    """,
    "ja": """
        自動返信 / 自動応答 / 自動回答 / 自動配信 / 不在通知 / 不在連絡 /
        不在のお知らせ / 不在です
    """,
    "ko": """
        자동 회신 / 자동회신 / 자동 응답 / 자동응답 / 자동 답장 / 부재 중 / 부재중
    """,
    "lt lv": """
        Automatinis atsakymas / Automātiskā atbilde / Automātiska atbilde
    """,
    "nl": """
        Automatisch antwoord / Automatische reactie / Automatische beantwoording /
        Afwezigheidsbericht / Afwezig
    """,
    "pl": """
        Automatyczna odpowiedź / Autoodpowiedź / Odpowiedź automatyczna / Poza biurem /
        Nieobecność / Informacja o nieobecności
    """,
    "pt": """
        Resposta automática / Resposta automatizada / Fora do escritório /
        Ausência temporária / Auto-resposta
    """,
    "ro": """
        Răspuns automat / Absent de la birou / În afara biroului
    """,
    "ru": """
        Автоответ / Автоматический ответ / Автоматическое уведомление / Нет на работе /
        Вне офиса
    """,
    "sl": """
        Samodejni odgovor / Avtomatski odgovor
    """,
    "th": """
        ตอบกลับอัตโนมัติ / การตอบกลับอัตโนมัติ / ข้อความตอบกลับอัตโนมัติ
    """,
    "tr": """
        Otomatik yanıt / Otomatik cevap / Ofis dışında / Otomatik e-posta yanıtı
    """,
    "uk": """
        Автоматична відповідь / Автовідповідь / Поза офісом
    """,
    "vi": """
        Trả lời tự động / Tự động trả lời / Thư trả lời tự động / Phản hồi tự động /
        Tự động phản hồi / Email tự động / Email trả lời tự động / Hồi đáp tự động /
        Thông báo vắng mặt / Vắng mặt / Vắng mặt tại văn phòng / Ngoài văn phòng /
        Đang nghỉ phép / Thông báo nghỉ phép / Tôi đang nghỉ phép / Tôi đang vắng mặt /
        Tôi hiện đang vắng mặt / Tôi đang đi công tác / Tôi đang đi vắng /
        Hiện đang vắng mặt / Không có mặt tại cơ quan / Không ở văn phòng /
        Thư tự động / Tin nhắn tự động / Tin nhắn trả lời tự động /
        Thư xác nhận tự động / Email xác nhận tự động / Xác nhận tự động /
        Email phản hồi tự động / Thư phản hồi tự động / Trả lời email tự động /
        Trả lời thư tự động / Tự động xác nhận
    """,
    "zh": """
        自动回复 / 自动答复 / 自动应答 / 自动回信 / 自動回覆 / 自動回復 / 自動答覆 /
        自動回信 / 自動回應 / 外出自动回复 / 不在办公室 / 不在辦公室 / 休假通知 /
        休假自动回复
    """,
}

#: Polite words that people write too.
ACKNOWLEDGEMENT_SUBJECTS = """
    Thank you for your e-mail / Thank you for your email / Thank you for your message /
    Thank you for contacting / Thanks for contacting / We have received your /
    We received your / Your message has been received / Your request has been received /
    Confirmation of receipt / Acknowledgement of receipt / Cảm ơn bạn đã liên hệ /
    Chúng tôi đã nhận được / Xác nhận đã nhận / Accusé de réception /
    Eingangsbestätigung / Empfangsbestätigung / Acuse de recibo /
    Conferma di ricezione / Bevestiging van ontvangst / 受付完了 /
    お問い合わせありがとうございます / 受信確認
"""

#: How a company says that it has what somebody wrote, "of you" as only a company does.
#: Each first is followed by one of the second and one of the third.
RECEIPT_SUBJECTS = (
    """
        Đã nhận / Đã nhận được / Đã tiếp nhận / Đã tiếp nhận được / Tiếp nhận /
        Xác nhận đã nhận / Xác nhận đã nhận được / Xác nhận đã tiếp nhận /
        Xác nhận tiếp nhận / Xác nhận nhận được / Thông báo đã nhận /
        Thông báo đã nhận được / Thông báo đã tiếp nhận / Thông báo tiếp nhận /
        Chúng tôi đã nhận / Chúng tôi đã nhận được / Chúng tôi đã tiếp nhận /
        Chúng tôi xác nhận đã nhận / Chúng tôi xác nhận đã nhận được
    """,
    """
        thư / thư điện tử / email / mail / tin nhắn / yêu cầu / yêu cầu hỗ trợ /
        phản hồi / thông tin / thông tin liên hệ / thông tin yêu cầu / liên hệ /
        câu hỏi / phiếu yêu cầu
    """,
    "của quý khách / của quý khách hàng / của quý vị / của quý công ty / của anh chị",
)

#: The same of what was received, where it is not said whose it is. People write it,
#: too, but nobody answers under it.
PLAIN_RECEIPT_SUBJECTS = """
    Your message has been received / Your email has been received /
    Your e-mail has been received / Your request has been received /
    Your enquiry has been received / Your inquiry has been received /
    We have received your message / We have received your email /
    We have received your e-mail / We have received your request /
    We have received your enquiry / We have received your inquiry /
    We received your message / We received your email / We received your request /
    Chúng tôi đã nhận được thư của bạn / Chúng tôi đã nhận được email của bạn /
    Chúng tôi đã nhận được yêu cầu của bạn / Chúng tôi đã tiếp nhận yêu cầu của bạn /
    Đã nhận được thư của bạn / Đã nhận được email của bạn /
    Đã nhận được yêu cầu của bạn / Đã tiếp nhận yêu cầu của bạn /
    Xác nhận đã nhận được email của bạn / Xác nhận đã nhận được thư của bạn /
    Xác nhận đã nhận được yêu cầu của bạn / Xác nhận đã tiếp nhận yêu cầu của bạn /
    Xác nhận tiếp nhận yêu cầu / Nous avons bien reçu votre message /
    Nous avons bien reçu votre demande / Votre message a bien été reçu /
    Wir haben Ihre Nachricht erhalten / Wir haben Ihre E-Mail erhalten /
    Wir haben Ihre Anfrage erhalten / Hemos recibido su mensaje /
    Hemos recibido su solicitud / Abbiamo ricevuto la sua richiesta /
    Abbiamo ricevuto il tuo messaggio / Recebemos a sua mensagem /
    Recebemos sua mensagem / Recebemos sua solicitação /
    We hebben uw bericht ontvangen / Мы получили ваше письмо / Ваше сообщение получено /
    お問い合わせを受け付けました / 我们已收到您的邮件 / 我們已收到您的來信
"""

#: How people begin the subject of their absence notes, and other mail of theirs.
ABSENCE_SUBJECTS = {
    "de": "Urlaub / Im Urlaub / Krank / Elternzeit / Nicht im Büro",
    "en": """
        Annual leave / On annual leave / On leave / Holiday / Holidays / On holiday /
        OOO / Out / PTO / On PTO / Parental leave / Maternity leave / Sick leave /
        Vacation / Away / Travelling / Traveling / Business trip /
        Limited access to email
    """,
    "es": "Vacaciones / De vacaciones / Ausente / Ausencia / Baja",
    "fr": """
        Congés / En congé / En congés / Congé / Vacances / En vacances / Absence /
        Absent
    """,
    "id ms": "Cuti / Sedang cuti / Dinas luar",
    "it": "Ferie / In ferie / Assenza / Assente",
    "ja ko zh": """
        休暇 / 休暇中 / 出張中 / 不在 / 不在中 / 부재중 / 휴가 / 휴가 중 / 出差 / 休假 /
        休假中 / 年假
    """,
    "nl": "Vakantie / Met vakantie / Verlof / Met verlof / Afwezigheid",
    "pl cs sk": "Urlop / Na urlopie / Dovolená / Na dovolené / Dovolenka",
    "pt": "Férias / De férias / Ausente / Ausência",
    "ru uk": """
        Отпуск / В отпуске / Командировка / В командировке / Відпустка / У відпустці
    """,
    "vi": """
        Nghỉ phép / Nghỉ phép năm / Nghỉ lễ / Nghỉ Tết / Nghỉ ốm / Nghỉ bệnh /
        Nghỉ thai sản / Nghỉ việc riêng / Nghỉ mát / Đang nghỉ / Đang nghỉ lễ /
        Đang nghỉ Tết / Đang nghỉ ốm / Đang nghỉ thai sản / Đang nghỉ bệnh /
        Hiện đang nghỉ phép / Đi công tác / Đang đi công tác / Công tác /
        Đang công tác / Đi vắng / Đang đi vắng / Đi nghỉ / Đi du lịch /
        Đang đi du lịch / Không có mặt tại văn phòng / Thông báo nghỉ lễ /
        Thông báo nghỉ Tết / Lịch nghỉ lễ / Lịch nghỉ Tết / Thông báo lịch nghỉ Tết /
        Thông báo lịch nghỉ lễ / Thông báo đi công tác / Thông báo công tác / Báo vắng /
        Báo nghỉ
    """,
}

#: What only programs say of the mail that they write, or people who let them write it.
AUTO_REPLY_TEXTS = """
    đây là email tự động / đây là thư tự động / đây là tin nhắn tự động /
    đây là thư trả lời tự động / đây là email trả lời tự động /
    email này được gửi tự động / thư này được gửi tự động / email được gửi tự động /
    thư được gửi tự động / tin nhắn trả lời tự động / thư trả lời tự động /
    email trả lời tự động / trả lời tự động từ / không trả lời email này /
    không trả lời thư này / không phản hồi email này / không phản hồi thư này /
    không hồi âm thư này / sẽ phản hồi email / sẽ phản hồi thư / sẽ trả lời email /
    sẽ trả lời thư / sẽ phản hồi quý khách / sẽ trả lời quý khách / sẽ phản hồi bạn /
    sẽ trả lời bạn / sẽ phản hồi anh chị / sẽ trả lời anh chị / sẽ phản hồi sau khi /
    sẽ trả lời sau khi / sẽ phản hồi ngay khi / sẽ trả lời ngay khi / sẽ phản hồi khi /
    sẽ trả lời khi / sẽ phản hồi sớm nhất / sẽ trả lời sớm nhất /
    sẽ liên hệ lại sớm nhất / sẽ phản hồi trong thời gian sớm nhất /
    sẽ phản hồi trong vòng / sẽ trả lời trong vòng / sẽ liên hệ lại với quý khách /
    sẽ liên hệ với quý khách / this is an automated / this is an automatic /
    this is an auto reply / this message was sent automatically /
    this email was sent automatically / automatically generated /
    do not reply to this email / do not reply to this message / I will reply when /
    I will respond when / I will reply to your / I will respond to your /
    I will get back to you when / I will answer when / I will answer your /
    reply to your email when / respond to your email when / reply upon my return /
    respond upon my return / respond to your message / will respond as soon as /
    limited access to my email / limited access to email / automatisch generiert /
    dies ist eine automatische / werde ihre nachricht / werde ihre e-mail /
    e-mails werden nicht weitergeleitet / wird nicht weitergeleitet /
    ceci est un message automatique / ceci est une réponse automatique /
    dès mon retour / à mon retour / esta es una respuesta automática /
    este es un mensaje automático / a mi regreso / a mi vuelta / al mio rientro /
    questa è una risposta automatica / no meu regresso /
    esta é uma resposta automática / bij mijn terugkomst / dit is een automatisch /
    po powrocie / это автоматическ / по возвращении / 自動返信です / 自動送信 /
    此邮件为自动 / 此郵件為自動 / 这是一封自动
"""

#: How people ask for leave, who do not yet have it.
LEAVE_REQUEST_TEXTS = """
    xin nghỉ / xin phép / đơn nghỉ / đơn xin / duyệt / đăng ký nghỉ /
    i would like to take / request leave / requesting leave / please approve / approval
"""

#: How people ask for something, which no absence note does.
ASKING_TEXTS = """
    cho em hỏi / cho tôi hỏi / cho mình hỏi / cho anh hỏi / cho chị hỏi /
    xin báo giá / cần báo giá / gửi báo giá / báo giá giúp / báo giá cho / tư vấn giúp /
    cần tư vấn / cần mua / cần thuê / cần đặt / muốn mua / muốn đặt / muốn thuê /
    đặt giúp / gửi giúp / gửi cho em / gửi cho tôi / gửi cho mình / nhờ shop /
    nhờ bên / nhờ anh / nhờ chị / nhờ em / nhờ gửi / nhờ giao / giao giúp / mong bên /
    mong shop / bao nhiêu tiền / giá bao nhiêu / còn hàng không / được không /
    please send me / please send us / could you please send / can you send /
    we would like to order / i would like to order / please quote / your price list /
    send me a quote / send us a quote / how much
"""

#: How a mail program begins the subject of an answer.
REPLY_PREFIXES = """
    re / aw / antw / sv / vs / odp / ynt / rif / res / ref / tl / tr / trả lời /
    hồi âm / phản hồi / 回复 / 回覆 / 答复 / 답장 / 返信 / ответ
"""

#: What providers call the forwarding of mail to another address; parts of words.
FORWARDING_WORDS = """
    forward / redirect / chuyển tiếp / weiterleit / umleitung / transfert /
    transfér / redirection / réachemin / reenví / reenvio / desvío / inoltr /
    encaminha / doorstur / doorgestuurd / przekaz / przekier / пересыл / переадрес /
    перенаправ / yönlendir / iletme / teruskan / penerusan / vidarebeford /
    videresend / videreføre / přepos / továbbít / edelleenlähet / 転送 / 转发 / 轉寄 /
    轉發 / 전달 / ส่งต่อ
"""

#: How they ask for a confirmation of it; parts of words.
CONFIRMATION_WORDS = """
    confirm / verif / approv / activat / validat / xác nhận / xác minh / kích hoạt /
    bestätig / vérifi / valider / verific / conferm / confirma / bevestig /
    potwierd / подтвер / провер / onay / doğrula / konfirmasi / verifikasi /
    bekräfta / bekræft / bekreft / potvr / ověř / megerősít / vahvist / 確認 / 确认 /
    验证 / 驗證 / 확인 / ยืนยัน
"""

#: How delivery systems begin their subjects.
BOUNCE_SUBJECTS = {
    "en": """
        Undeliverable / Undelivered mail / Undelivered message / Undeliverable mail /
        Undeliverable message / Mail delivery failed / Mail delivery failure /
        Mail delivery problem / Mail delivery error / Mail delivery status /
        Mail delivery system / Mail failure / Mail failed / Mail error /
        Mail system error / Message delivery failure / Message delivery failed /
        Message delivery has failed / Message undeliverable / Message delayed /
        Message status / Message not delivered / Message could not be delivered /
        Delivery failure / Delivery failed / Delivery has failed /
        Delivery status notification / Delivery status / Delivery notification /
        Delivery report / Delivery problem / Delivery error / Delivery delayed /
        Delivery unsuccessful / Permanent delivery failure / Non delivery /
        Nondeliverable / Non deliverable / Not delivered / Failure notice /
        Failure delivery / Failed mail / Failed to deliver / Failed delivery /
        Failure to deliver / Returned mail / Returned message / Returned to sender /
        Mail returned / Unable to deliver / Could not deliver / Can't deliver /
        Mail could not be delivered / Error mail report / Error sending your mail /
        Your message could not be delivered / Your mail could not be delivered /
        Delayed mail / Delayed message / Warning: message / Warning: could not send /
        Warning: mail / Warning message: delivery / Postmaster notify /
        Processing error / Bounce notification / Bounced mail / E-mail bounce /
        Mail bounced / Mail bounce / Notice: mail delivery /
        Notification of undeliverable / User unknown / Unknown user / Rejected mail /
        Message you sent blocked / Message rejected / Mail rejected /
        Considered unsolicited bulk email, apparently from you / Mail not delivered /
        Email delivery failure / Non-receipt / Nondelivery / Undelivered /
        Transport error / Mail transaction failed / Mail delivery warning /
        Automatically rejected mail / Delivery warning / Delivery problems
    """,
    "cs sk": """
        Nedoručitelné / Nedoručiteľné / Zpráva nebyla doručena
    """,
    "da nb sv": """
        Kan ikke leveres / Olevererbart / Uleverbar / Leverans misslyckades /
        Ikke levert
    """,
    "de": """
        Unzustellbar / Nicht zustellbar / Nicht zugestellt / Unzustellbare Nachricht /
        Zustellung fehlgeschlagen / Zustellungsfehler / Fehler bei der Zustellung /
        Benachrichtigung zum Zustellstatus
    """,
    "es": """
        No se puede entregar / No entregado / No se ha podido entregar /
        Mensaje no entregado / Correo devuelto / Error de entrega /
        Notificación de estado de entrega / Imposible de entregar
    """,
    "fi": """
        Ei toimitettu / Toimittaminen epäonnistui
    """,
    "fr": """
        Non remis / Non distribuable / Échec de remise / Échec de la remise /
        Message non remis / Non délivré / Notification d'état de remise /
        Retour à l'expéditeur / Courrier non distribué
    """,
    "hu": """
        Kézbesíthetetlen
    """,
    "it": """
        Non recapitabile / Mancato recapito / Notifica dello stato del recapito /
        Recapito non riuscito
    """,
    "ja": """
        配信不能 / 未配信 / 配信エラー / 配信に失敗 / 送信エラー / 送信できません /
        メール配信 / エラーメール / メールシステムエラー / 配信できません
    """,
    "ko": """
        배달되지 않음 / 배달 실패 / 전송 실패 / 반송
    """,
    "nl": """
        Onbestelbaar / Niet bezorgd / Bezorging mislukt
    """,
    "pl": """
        Niedostarczalna / Niedostarczona / Nie można dostarczyć / Zwrot wiadomości
    """,
    "pt": """
        Não é possível entregar / Não entregue / Falha na entrega /
        Não foi possível entregar / Mensagem não entregue /
        Notificação de status de entrega
    """,
    "ru uk": """
        Не доставлено / Недоставленное сообщение / Недоставлено /
        Сообщение не доставлено / Не удается доставить / Ваше сообщение не доставлено /
        Невозможно доставить / Ошибка доставки / Недоставленное письмо / Не доставлене /
        Уведомление о статусе доставки
    """,
    "tr": """
        Teslim edilemedi / Teslim edilemeyen
    """,
    "vi": """
        Không gửi được / Không thể gửi / Không thể chuyển / Thư không gửi được /
        Gửi thư thất bại / Thư bị trả lại / Thông báo trạng thái gửi /
        Không chuyển được / Thư không chuyển được
    """,
    "zh": """
        系统退信 / 退信 / 无法送达 / 无法传递 / 邮件退回 / 投递失败 / 發送失敗 /
        发送失败 / 傳遞失敗 / 無法傳遞 / 未傳遞 / 未送达 / 邮件投递失败 / 系統退信 /
        無法投遞 / 退件通知 / 郵件傳送失敗
    """,
}

#: What delivery systems say in their prose.
BOUNCE_TEXTS = {
    "en": """
        could not be delivered / couldn't be delivered / could not deliver /
        couldn't deliver / cannot be delivered / can't be delivered /
        can not be delivered / was not delivered / not been delivered /
        wasn't delivered / unable to deliver / wasn't able to deliver /
        not able to deliver / undeliverable / undelivered / delivery failed /
        delivery failure / delivery has failed / delivery has been failed /
        failed to deliver / failed permanently / failed addresses /
        delivery of your message / fatal errors / delivery errors / error delivering /
        attempting to deliver / did not reach / could not be reached /
        could not be sent / cannot be sent / was rejected / has been rejected /
        been blocked / rejected by / permanent error / permanent failure /
        delivery notification / delivery status notification / returned mail /
        transcript of session / message was created automatically by mail delivery /
        delivery delayed / has not yet been delivered / will be retried /
        delivery report / no such user / user unknown / unknown user / invalid user /
        invalid final delivery userid / mailbox is full / mailbox full /
        exceeds allowed size / failure reasons / did not receive this message /
        returned to sender / delivery problems / has been postponed /
        will continue to try to deliver / automatically rejected / not known /
        not delivered to / unknown recipient / no valid recipients /
        mailbox unavailable / error during delivery
    """,
    "de": """
        nicht zugestellt / konnte nicht / unzustellbar
    """,
    "fr": """
        n'a pas pu etre / n'a pu etre / impossible de remettre / echec de la remise
    """,
    "es": """
        no pudo ser entregado / no se pudo entregar / no se ha podido entregar /
        no se puede entregar
    """,
    "pt": """
        nao pode ser / nao foi possivel entregar / falha na entrega
    """,
    "it": """
        non e stato possibile / impossibile recapitare / non recapitato
    """,
    "nl": """
        niet worden bezorgd / niet bezorgd / kon niet worden afgeleverd
    """,
    "pl": """
        nie zostala dostarczona / nie mozna dostarczyc / nie moze byc dostarczona
    """,
    "ru": """
        не может быть доставлено / не удалось доставить / не доставлено /
        не удается доставить
    """,
    "ja": """
        配送できません / 配信できません / 送信できません / 届けることができません /
        失敗しました / 配信不能
    """,
    "ko": """
        배달하지 못했습니다 / 전송하지 못했습니다 / 배달되지
    """,
    "vi": """
        không thể gửi / không gửi được / không chuyển được / không thể chuyển /
        không được gửi đến
    """,
    "zh": """
        无法送达 / 无法投递 / 投递失败 / 發送失敗 / 无法传递 / 無法傳遞 / 被退回 /
        退信 / 無法投遞
    """,
}

#: That a mail still waits (RFC 3464 section 2.3.3).
DELAY_TEXTS = """
    delayed / has not yet been delivered / not yet been delivered /
    still being retried / warning message only / do not need to resend /
    will be retried / will be tried / will keep trying / will continue to try /
    attempts will continue / delivery attempts will / will try again / will retry /
    temporarily delayed / not yet delivered / could not be delivered yet /
    still trying / delivery incomplete / no action is required / has been postponed /
    temporary failure report / warning only / verzogert / chua gui duoc / retraso /
    retarde / задержана / 配信が遅れて / 延迟
"""

#: That nothing waits any more, whatever else is said.
GIVEN_UP_TEXTS = """
    permanent error / permanent failure / failed permanently / permanent fatal /
    permanently / given up / giving up / gave up / returned mail / returning message /
    returned to sender / no further attempts
"""
