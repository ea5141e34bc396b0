"""What criminals ask for, in languages other than English and Vietnamese.

Not phrases: words of what is wanted, of what is to be done with it, and of what is
wrong with it. Customers use each of them; near to each other they are what such mail
says. A language is looked at only if the text is written in it, as a word of one is
another word in the next. Words are in small letters, without marks; `*` is any end of a
word.
"""

from collections.abc import Iterable
from functools import lru_cache

from .languages import without_marks

NEAR = 14  # words between what is wanted and what is to be done
SHORTEST_STEM, LONGEST_STEM = 3, 12

#: Two things that make a lure where they stand near to each other.
PAIRS = {
    "secret": ("act", "secret"),
    "threat": ("secret", "threat"),
    "parcel": ("parcel", "hitch"),
    "refund": ("tax", "money"),
    "fortune": ("luck", "money"),
    "authority": ("court", "duty"),
    "document": ("paper", "open"),
    "account": ("bank", "moved"),
    "prize": ("won", "asked"),
}

_LEXICON = {
    "de": {
        "paper": "dokument* datei* rechnung* vertrag scan fax sprachnachricht",
        "open": "ansehen anzeigen offn* herunterlad* einsehen klick* freigegeben",
        "act": "bestatig* verifizier* aktualisier* uberpruf* abgleich* prufen anmeld* "
        "einlogg* freischalt* reaktivier* verlanger* legitimier* hinterleg* ansehen "
        "erneuer* einloggen registrier* begleich* beantrag*",
        "secret": "konto kontos konten kundenkonto zugang* passwort* kennwort* daten "
        "angaben zahlungs* bankdaten bankverbindung kreditkarte* karte postfach* tan "
        "pushtan* phototan* identitat online-banking onlinebanking mitgliedschaft abo "
        "abonnement speicher* rechnung anschluss",
        "threat": "gesperrt sperr* eingeschrankt einschrank* deaktiviert ablauf* lauft "
        "ungewohnlich* verdachtig* unbefugt* geloscht zuruckgegeben zuruckgebucht "
        "ausgesetzt abgelaufen limitiert fehlgeschlagen unautorisiert*",
        "parcel": "paket* sendung* lieferung* zoll* zustell*",
        "hitch": "gebuhr* zustellung zugestellt adresse anschrift zuruckgeh* "
        "zuruckges* "
        "termin einlagerung offen* freigabe porto",
        "tax": "steuererstattung erstattung* ruckerstattung* ruckzahlung bussgeld "
        "steuerbescheid* finanzamt guthaben",
        "money": "eur euro euros betrag hohe zinsen auszahl* schufa million* gewinn*",
        "luck": "kredit* darlehen gewonnen gewinner gewinnspiel gluckwunsch erbschaft "
        "erbe lotto* lotterie spende ausgewahlt geldgeber gewinndaten",
        "court": "inkasso* vorladung haftbefehl mahnbescheid pfandung* gerichtsvoll* "
        "staatsanwalt* europol interpol anklage",
        "duty": "zahl* frist* stellungnahme verfahren forderung* beigefugt* anbei",
        "hurry": "umgehend sofort dringend unverzuglich schnellstmoglich letzte* 24 48 "
        "stunden heute",
        "bank": "bankverbindung* iban kontonummer kontodaten bankkonto hausbank",
        "moved": "neu* geandert* gewechselt* anderung* wechsel umstellung kunftig",
        "won": "ausgelost ausgewahlt gewonnen verlost kostenlos* gratis",
        "asked": "umfrage fragen befragung teilnehm*",
    },
    "fr": {
        "paper": "document* fichier* facture* contrat fax",
        "open": "consult* ouvr* telecharg* visualis* partage* cliqu* afficher",
        "act": "confirme* confirmer verifi* mettre mise actualis* valid* renouvel* "
        "regularis* regle* complet* identifi* reactiv* connect* acced* cliqu* consult*",
        "secret": "compte* passe identifiant* coordonnees paiement bancaire* carte "
        "vitale informations espace messagerie boite abonnement acces facture* ligne "
        "prelevement dossier identite",
        "threat": "suspend* suspension bloqu* limite* desactiv* expir* inhabituel* "
        "rejete* impaye* resili* ferme* fermeture supprim* frauduleu* coupure "
        "penalite*",
        "parcel": "colis livraison douane* expedition livre",
        "hitch": "frais retenu* reprogramm* adresse payer regle* creneau echec absent* "
        "instance affranchissement",
        "tax": "remboursement* impots impot amende* contravention trop-percu ameli "
        "antai",
        "money": "eur euro euros montant versement virement million* somme pret prets "
        "dons don",
        "luck": "pret prets credit gagne gagnant* felicitations loterie heritage "
        "heritier "
        "donation tirage selectionne* veuve legs",
        "court": "convocation brigade gendarmerie judiciaire poursuites mandat "
        "infraction* europol interpol plainte huissier procureur",
        "duty": "repond* justification* transmettre joint jointe delai heures document "
        "faute dossier",
        "hurry": "immediatement urgent* rapidement plus 24 48 72 heures delai dernier* "
        "demain",
        "bank": "rib iban bancaire* banque domiciliation",
        "moved": "nouve* change* changement modifi* remplace* desormais",
        "won": "selectionne* gagne* tirage offert gratuit*",
        "asked": "sondage questions questionnaire enquete participe*",
    },
    "es": {
        "paper": "documento* archivo* factura* contrato comprobante* pdf",
        "open": "descarg* visualiz* abr* consult* compartid* acced* clic*",
        "act": "verifi* confirm* actuali* valid* sesion reactiv* acced* restable* "
        "regulariz* desbloque* renov* ingres* complet* desvincul*",
        "secret": "cuenta cuentas contrasena clave claves tarjeta* datos pago banca "
        "identidad buzon correo suscripcion membresia acceso bizum facturacion usuario",
        "threat": "suspend* suspension bloque* limitad* limitado cancel* caduc* expir* "
        "autorizad* inusual* sospechos* reconocid* embarg* restring* desactiv* vencid*",
        "parcel": "paquete* envio envios aduana* entrega pedido",
        "hitch": "tasa tasas gastos direccion abon* reprogram* pagar pendiente* "
        "entregado entregada incompleta retenid* devuelt* recargo",
        "tax": "devolucion reembolso tributaria multa* sancion impuesto* hacienda dgt",
        "money": "euros eur importe pesos dolares millones transferencia prestamo* "
        "fondo "
        "fondos",
        "luck": "ganado ganador* felicidades premio herencia loteria donacion sorteo "
        "prestamo* heredero beneficiario seleccionad*",
        "court": "judicial juzgado citacion demanda denuncia fiscalia embargo "
        "infraccion "
        "requerimiento interpol",
        "duty": "adjunt* expediente plazo presentar* comparec* rebeldia clave pago "
        "descarg* notificad*",
        "hurry": "inmediat* urgent* plazo antes 12 24 48 horas hoy ultim*",
        "bank": "iban bancari* banco clabe",
        "moved": "nuev* cambi* modific* actualizad* sustitu*",
        "won": "seleccionad* ganado gratis sortead* regalo",
        "asked": "encuesta preguntas cuestionario participa*",
    },
    "pt": {
        "paper": "documento* arquivo* nota nf-e nfe danfe boleto* comprovante* "
        "contrato pdf",
        "open": "baix* visualiz* abr* consult* compartilhad* acess* clique clicar",
        "act": "verifi* confirm* atualiz* valid* regulariz* acess* reativ* desbloque* "
        "resgat* clique recadastr* cancele entre",
        "secret": "conta contas senha* cartao dados cpf cnpj identidade "
        "caixa "
        "assinatura pontos token acesso cadastro banking milhas compra dispositivo",
        "threat": "suspens* suspend* bloque* limitad* cancel* expir* vencid* "
        "vencimento "
        "irregular* pendencia* reconhec* suspeit* inativ* desativ*",
        "parcel": "encomenda* pacote objeto alfandega* remessa correios entrega",
        "hitch": "taxa taxas tributad* pagar pague devol* endereco retid* aguarda* "
        "boleto "
        "liberacao despacho",
        "tax": "restituicao reembolso receita multa* darf imposto* inss ipva",
        "money": "reais r valor real dolares milhoes euros credito cashback vencimento",
        "luck": "parabens premio sorteio heranca ganhou ganhador loteria emprestimo "
        "sorteado contemplado doacao resgate",
        "court": "judicial intimacao processo protesto serasa spc cobranca detran cnh "
        "infracao penalidade*",
        "duty": "anexo prazo atraso vencimento compar* segue pagamento pendente* pix "
        "pague desconto suspens* aberto",
        "hurry": "imediat* urgent* prazo hoje 24 48 horas ultim* evite",
        "bank": "iban bancari* banco nib",
        "moved": "nov* alter* mudan* mudou trocamos",
        "won": "selecionad* ganhou gratis sortead* brinde",
        "asked": "pesquisa perguntas questionario participe*",
    },
    "it": {
        "paper": "documento documenti file fattura fatture contratto pdf",
        "open": "scaric* visualizz* apri* aprire consult* condivis* accedi clicc*",
        "act": "verific* conferm* aggiorn* acced* riattiv* convalid* sblocc* complet* "
        "rinnov* clicc* regolar*",
        "secret": "conto password carta dati credenziali utenza identita casella "
        "pagamento abbonamento banking spid telefono account accesso app",
        "threat": "sospes* bloccat* blocc* limitat* scadut* scad* disattivat* sospett* "
        "autorizzat* insolit* chius* cancellat*",
        "parcel": "pacco spedizione dogana consegna",
        "hitch": "spese tassa tasse indirizzo pagare giacenza consegnato fallit* "
        "riprogramm*",
        "tax": "rimborso entrate multa* inps tari imposta",
        "money": "euro eur importo somma milioni prestito",
        "luck": "vinto vincitore premio eredita lotteria prestito donazione "
        "congratulazioni estratto",
        "court": "giudiziari* citazione querela denuncia procura pignoramento interpol",
        "duty": "allegat* termine entro rispond* presentar*",
        "hurry": "immediat* urgent* entro subito 24 48 ore oggi ultim*",
        "bank": "iban bancari* banca",
        "moved": "nuov* cambi* modific* variazione",
        "won": "selezionat* vinto gratis estratt* omaggio",
        "asked": "sondaggio domande questionario partecip*",
    },
    "nl": {
        "paper": "document* bestand* factuur contract",
        "open": "bekijk* open* download* gedeeld klik*",
        "act": "bevestig* verifieer* verifieren bijwerk* activeer* vernieuw* inloggen "
        "controleer* identificeer* log betaal betaling heractiv*",
        "secret": "account rekening* wachtwoord* gegevens betaalpas bankpas "
        "betaalmethode "
        "digid mailbox abonnement identiteit pas schuld vordering* factuur",
        "threat": "geblokkeerd blokker* opgeschort beperkt verlop* verloopt gesloten "
        "verdacht* ongebruikelijk* openstaan* beslag* deurwaarder gedeactiveerd "
        "incasso*",
        "parcel": "pakket* zending* bezorg* douane",
        "hitch": "kosten betal* bezorgd adres invoer* verzendkosten mislukt",
        "tax": "teruggave belastingdienst boete* cjib schuld vordering",
        "money": "euro eur bedrag betal* ideal betaling",
        "luck": "gewonnen winnaar prijs erfenis loterij gefeliciteerd lening "
        "geselecteerd",
        "court": "deurwaarder dagvaarding beslaglegging incasso politie",
        "duty": "betal* voorkom* termijn bijlage reageer*",
        "hurry": "direct onmiddellijk dringend vandaag 24 48 uur laatste",
        "bank": "iban bankrekening* rekeningnummer bankgegevens",
        "moved": "nieuw* gewijzigd* wijziging veranderd",
        "won": "geselecteerd gewonnen gratis",
        "asked": "enquete vragen vragenlijst",
    },
    "pl": {
        "paper": "dokument* plik* faktur* umow*",
        "open": "pobierz pobra* otworz* wyswietl* klikn* udostepn*",
        "act": "potwierd* zweryfik* weryfik* zaktualiz* aktualiz* zalog* aktyw* "
        "odblok* "
        "oplac* dopla*",
        "secret": "konto konta hasl* has\u0142* karta karty dane danych skrzynk* "
        "platnosc* p\u0142atnosc* subskryp* tozsamosc* dostep*",
        "threat": "zablok* zawiesz* wygas* ogranicz* zaleg* nieautoryz* podejrz* "
        "usunie*",
        "parcel": "paczk* przesylk* przesy\u0142k*",
        "hitch": "oplat* op\u0142at* adres* dop\u0142at* doplat* c\u0142o wstrzyman*",
        "tax": "zwrot* podatk* mandat*",
        "money": "z\u0142 zl pln euro kwot* milion*",
        "luck": "wygra* nagrod* spadek pozyczk* po\u017cyczk* loteri*",
        "court": "sadow* s\u0105dow* komornik* wezwanie prokuratur*",
        "duty": "za\u0142acz* zalacz* termin* zap\u0142a* zaplac*",
        "hurry": "natychmiast pilne 24 48 godzin dzis dzi\u015b ostatni*",
        "bank": "iban bankow* rachunk* bank",
        "moved": "now* zmian* zmienil*",
        "won": "wygra* wybran* nagrod* darmow*",
        "asked": "ankiet* pytan* pytania",
    },
    "CYRILLIC": {
        "act": "\u043f\u043e\u0434\u0442\u0432\u0435\u0440\u0434* "
        "\u043e\u0431\u043d\u043e\u0432\u0438* \u0432\u043e\u0439\u0442\u0438* "
        "\u0432\u043e\u0439\u0434\u0438\u0442\u0435 "
        "\u043f\u0440\u043e\u0432\u0435\u0440\u044c\u0442\u0435 "
        "\u043f\u043e\u043b\u0443\u0447\u0438\u0442*",
        "secret": "\u0430\u043a\u043a\u0430\u0443\u043d\u0442* "
        "\u043f\u0430\u0440\u043e\u043b* \u043a\u0430\u0440\u0442* "
        "\u0441\u0447\u0435\u0442* \u0441\u0447\u0451\u0442* "
        "\u044f\u0449\u0438\u043a* \u043f\u043e\u0447\u0442*",
        "threat": "\u0437\u0430\u0431\u043b\u043e\u043a* "
        "\u043f\u0440\u0438\u043e\u0441\u0442\u0430\u043d* "
        "\u0438\u0441\u0442\u0435\u043a* \u0443\u0434\u0430\u043b\u0435\u043d* "
        "\u043e\u0433\u0440\u0430\u043d\u0438\u0447*",
        "luck": "\u0432\u044b\u0438\u0433\u0440* \u043f\u0440\u0438\u0437* "
        "\u0431\u043e\u043d\u0443\u0441* \u043d\u0430\u0441\u043b\u0435\u0434*",
        "money": "\u0440\u0443\u0431* \u0434\u043e\u043b\u043b\u0430\u0440* "
        "\u0435\u0432\u0440\u043e \u0434\u0435\u043d\u044c\u0433\u0438 "
        "\u0432\u044b\u043f\u043b\u0430\u0442*",
    },
}

# Without spaces between words: parts of a text.
_EASTERN = {
    "act": "\u78ba\u8a8d \u66f4\u65b0 \u8a8d\u8a3c \u30ed\u30b0\u30a4\u30f3 "
    "\u9a8c\u8bc1 \u786e\u8ba4 \u5347\u7ea7 \u767b\u5f55 \u9a57\u8b49 \u767b\u5165 "
    "\ud655\uc778 \uc778\uc99d \ub85c\uadf8\uc778 \u5099\u6848 \u5907\u6848 "
    "\u304a\u624b\u7d9a\u304d \u767b\u9304 "
    "\u626b\u63cf \u626b\u7801 \u63d0\u4ea4 \u7ed1\u5b9a",
    "secret": "\u30a2\u30ab\u30a6\u30f3\u30c8 \u30ab\u30fc\u30c9 "
    "\u30d1\u30b9\u30ef\u30fc\u30c9 \u652f\u6255\u3044 \u53e3\u5ea7 \u4f1a\u54e1 "
    "\u5e10\u6237 \u8d26\u6237 \u5e33\u6236 \u5bc6\u7801 \u5bc6\u78bc \u90ae\u7bb1 "
    "\u4fe1\u7bb1 \uacc4\uc815 \ube44\ubc00\ubc88\ud638 \uce74\ub4dc "
    "\u53d6\u5f15\u30d1\u30b9\u30ef\u30fc\u30c9 \u30ed\u30b0\u30a4\u30f3id "
    "\u9280\u884c\u5361 \u94f6\u884c\u5361 \u90ae\u7bb1\u8d26\u53f7 "
    "\u500b\u4eba\u60c5\u5831 \u8a3c\u5238 \u8a8d\u8a3c\u60c5\u5831 "
    "\u5de5\u8d44\u5361",
    "threat": "\u505c\u6b62 \u5236\u9650 \u4e0d\u6b63 \u7570\u5e38 \u671f\u9650 "
    "\u5931\u52b9 \u51bb\u7ed3 \u505c\u7528 \u8fc7\u671f \u5f02\u5e38 \u51cd\u7d50 "
    "\uc815\uc9c0 \ub9cc\ub8cc \u5dee\u62bc\u3048 \u4f7f\u3048\u306a\u304f "
    "\u505c\u6b62\u6536\u53d1 \u5230\u671f \u5173\u505c \u7981\u7528 \u9650\u5236 "
    "\u903e\u671f",
    "parcel": "\u8377\u7269 \u304a\u5c4a\u3051\u7269 \u5b85\u914d \u914d\u9054 "
    "\u914d\u9001 \u5305\u88f9 \u5feb\u9012 \u5feb\u905e \ud0dd\ubc30",
    "hitch": "\u4e0d\u5728 \u304a\u5c4a\u3051\u5148 \u4f4f\u6240 \u95a2\u7a0e "
    "\u5730\u5740 \u8fd0\u8d39 \u904b\u8cbb \u5173\u7a0e \u6e05\u5173 \u6ede\u7559 "
    "\u9000\u56de \uc8fc\uc18c \ud1b5\uad00",
    "tax": "\u56fd\u7a0e \u7a0e\u91d1 \u672a\u7d0d \u7d0d\u4ed8 \u9084\u4ed8 "
    "\u9000\u7a0e \u88dc\u52a9\u91d1 \u7ed9\u4ed8\u91d1 \u7d66\u4ed8\u91d1 "
    "\u8865\u8d34 \u88dc\u8cbc \u793e\u4fdd \u85aa\u8d44\u8865\u52a9 \ud658\uae09 "
    "\uc138\uae08 \uacfc\ud0dc\ub8cc",
    "money": "\u9280\u884c\u53e3\u5ea7 \u53d7\u53d6 \u53d7\u3051\u53d6 \u9818\u53ce "
    "\u8fd8\u6b3e \u94f6\u884c\u5361 \u9886\u53d6 \u9886\u8865 \u7533\u9886 "
    "\u53d1\u653e \u767b\u8bb0 \u91d1\u984d \ud658\uae09\uae08 "
    "\uc9c0\uae09 \uc218\ub839",
    "luck": "\u5f53\u9078 \u5f53\u305b\u3093 \u4e2d\u5956 \u4e2d\u734e \u5956\u54c1 "
    "\u734e\u54c1 \u907a\u7523 \u9057\u4ea7 \ub2f9\ucca8 \ud22c\uc790 "
    "\u9ad8\u6536\u76ca",
    "court": "\u5dee\u62bc \u7763\u4fc3 \u6700\u7d42\u901a\u77e5 \u6cd5\u9662 "
    "\u4f20\u7968 \u50b3\u7968 \u7a3d\u67e5 \u62bd\u67e5 \u516c\u5b89\u5c40 "
    "\u68c0\u5bdf \uc555\ub958 \uc18c\ud658",
    "duty": "\u7d0d\u4ed8 \u672c\u65e5\u4e2d \u9650\u671f \u529e\u7406 \u6838\u5bf9 "
    "\u6838\u5c0d \u9644\u4ef6 \u903e\u671f \u8ca1\u7523 \u51fa\u982d \uc790\ub8cc",
    "paper": "\u30d5\u30a1\u30a4\u30eb \u540d\u5355 \u540d\u55ae "
    "\u96fb\u5b50\u767a\u7968 \u7535\u5b50\u53d1\u7968 \u5bf9\u8d26\u5355",
    "open": "\u30c0\u30a6\u30f3\u30ed\u30fc\u30c9 \u4e0b\u8f7d \u4e0b\u8f09 "
    "\u6253\u5f00 \u958b\u555f \ub0b4\ub824\ubc1b \ub2e4\uc6b4\ub85c\ub4dc",
    "hurry": "\u81f3\u6025 \u7dca\u6025 24\u6642\u9593 48\u6642\u9593 72\u6642\u9593 "
    "\u672c\u65e5\u4e2d 24\u5c0f\u65f6 48\u5c0f\u65f6 \u4e09\u5929\u5185 \u7acb\u5373 "
    "\u903e\u671f \u6700\u7d42 \u5373\u6642 \u5373\u523b \uc989\uc2dc",
}
EASTERN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL"})


def _split(words: str) -> list[str]:
    return [without_marks(one) for one in words.split()]


_STEMS: dict[str, dict[str, set[str]]] = {}
for _language, _things in _LEXICON.items():
    _stems = _STEMS.setdefault(_language, {})
    for _thing, _words in _things.items():
        for _word in _split(_words):
            _stems.setdefault(_word, set()).add(_thing)
_PARTS = {thing: _split(parts) for thing, parts in _EASTERN.items()}


def lures_in(language: str, words: Iterable[str]) -> frozenset[str]:
    """Return the codes of the lures in a text: those of PAIRS, and "urges".

    `language`: as of `languages.language_of`. `words`: small letters, without marks.
    """
    if language in EASTERN:
        return _eastern(" ".join(words))
    if language not in _STEMS:
        return frozenset()
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        for thing in _things_of(language, word):
            places.setdefault(thing, []).append(place)
    found = {
        code
        for code, (one, other) in PAIRS.items()
        if _are_near(places.get(one, []), places.get(other, []))
    }
    if len(places.get("hurry", [])) > 1:
        found.add("urges")
    return frozenset(found)


def _eastern(text: str) -> frozenset[str]:
    has = {
        thing: any(part in text for part in parts) for thing, parts in _PARTS.items()
    }
    found = {
        code
        for code, things in PAIRS.items()
        if all(has.get(thing) for thing in things)
    }
    if sum(part in text for part in _PARTS["hurry"]) > 1:
        found.add("urges")
    return frozenset(found)


@lru_cache(maxsize=16_384)
def _things_of(language: str, word: str) -> frozenset[str]:
    """Return of which things a word is."""
    stems = _STEMS[language]
    found = set(stems.get(word, ()))
    for length in range(SHORTEST_STEM, min(len(word), LONGEST_STEM) + 1):
        found |= stems.get(f"{word[:length]}*", set())
    return frozenset(found)


def _are_near(ones: list[int], others: list[int]) -> bool:
    """Tell whether two things, not in the same word, are near to each other."""
    return any(0 < abs(one - other) <= NEAR for one in ones for other in others)
