"""What is said at a desk, in the languages of the demo customers.

One line each: calls, e-mails, meetings, notes, what was promised, and what stands on the customer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    call: tuple[str, ...]
    email: tuple[str, ...]
    meeting: tuple[str, ...]
    note: tuple[str, ...]
    promised: tuple[str, ...]
    about: tuple[str, ...]


TEXTS = {
    "en": Texts(
        (
            "Asked for the annual plan; wants a quote for twelve seats.",
            "Delivery arrived a day late, otherwise content. Apologised.",
            "Not reached, left a message with the front desk.",
            "Wants to know whether the price list of last year still holds.",
        ),
        ("Sent the quote again, as a PDF.", "Confirmed the appointment and the address."),
        ("Showed the new range. Likes the small one, needs his manager's word.", "First visit."),
        ("Met at the trade fair, interested in a trial.", "Prefers mornings."),
        ("Call about the quote", "Send the contract", "Ask whether the trial went well"),
        ("Met at the trade fair. Prefers mornings.", "Referred by a colleague."),
    ),
    "de": Texts(
        (
            "Fragt nach dem Jahresvertrag, möchte ein Angebot für zwölf Plätze.",
            "Lieferung kam einen Tag zu spät, sonst zufrieden. Entschuldigt.",
            "Nicht erreicht, Nachricht im Sekretariat hinterlassen.",
        ),
        ("Angebot noch einmal als PDF geschickt.", "Termin und Anschrift bestätigt."),
        ("Neues Sortiment gezeigt, Entscheidung nach den Ferien.", "Erster Besuch im Werk."),
        ("Auf der Messe kennengelernt.", "Am besten vormittags anrufen."),
        ("Wegen des Angebots anrufen", "Vertrag zuschicken", "Nach dem Probebetrieb fragen"),
        ("Auf der Messe kennengelernt, am besten vormittags.", "Empfohlen von einem Kollegen."),
    ),
    "fr": Texts(
        (
            "Souhaite un devis pour douze postes, contrat annuel.",
            "Livraison reçue avec un jour de retard, sinon satisfait.",
            "Absent, message laissé à l'accueil.",
        ),
        ("Devis renvoyé en PDF.", "Rendez-vous et adresse confirmés."),
        ("Présentation de la nouvelle gamme, décision à la rentrée.", "Première visite."),
        ("Rencontré au salon.", "À appeler plutôt le matin."),
        ("Rappeler au sujet du devis", "Envoyer le contrat", "Demander des nouvelles de l'essai"),
        ("Rencontré au salon, à appeler plutôt le matin.",),
    ),
    "es": Texts(
        (
            "Pide presupuesto para doce puestos, contrato anual.",
            "El pedido llegó un día tarde; por lo demás, contento.",
            "No contesta, recado en recepción.",
        ),
        ("Presupuesto enviado otra vez en PDF.", "Cita y dirección confirmadas."),
        ("Le enseñé la nueva gama, decide después de las vacaciones.", "Primera visita."),
        ("Nos conocimos en la feria.", "Mejor por la mañana."),
        ("Llamar por el presupuesto", "Enviar el contrato", "Preguntar por la prueba"),
        ("Nos conocimos en la feria. Mejor por la mañana.",),
    ),
    "it": Texts(
        (
            "Chiede un preventivo per dodici postazioni, contratto annuale.",
            "Consegna in ritardo di un giorno, per il resto soddisfatto.",
            "Non risponde, lasciato un messaggio.",
        ),
        ("Rinviato il preventivo in PDF.", "Confermati appuntamento e indirizzo."),
        ("Mostrata la nuova gamma, decide dopo le ferie.", "Prima visita."),
        ("Conosciuto in fiera.", "Meglio al mattino."),
        ("Chiamare per il preventivo", "Mandare il contratto", "Chiedere com'è andata la prova"),
        ("Conosciuto in fiera, meglio al mattino.",),
    ),
    "pl": Texts(
        (
            "Prosi o ofertę na dwanaście stanowisk, umowa roczna.",
            "Dostawa dzień po terminie, poza tym zadowolony klient.",
            "Nie odbiera, zostawiona wiadomość.",
        ),
        ("Oferta wysłana ponownie w PDF.", "Potwierdzony termin i adres."),
        ("Pokazano nowy asortyment, decyzja po urlopach.", "Pierwsza wizyta."),
        ("Poznani na targach.", "Najlepiej dzwonić rano."),
        ("Zadzwonić w sprawie oferty", "Wysłać umowę", "Zapytać o okres próbny"),
        ("Poznani na targach, najlepiej dzwonić rano.",),
    ),
    "zh": Texts(
        (
            "询问年度方案,需要十二个席位的报价。",
            "货物晚到一天,其他都满意,已致歉。",
            "未接通,已在前台留言。",
            "客户要求周五前回电。",
        ),
        ("报价单已再次发送(PDF)。", "已确认时间和地址。"),
        ("展示了新产品,需经理决定。", "首次拜访。"),
        ("展会上认识,对试用感兴趣。", "上午联系比较方便。"),
        ("就报价回电", "寄送合同", "询问试用情况"),
        ("展会上认识。上午联系比较方便。", "由同事介绍。"),
    ),
    "zh-TW": Texts(
        ("詢問年度方案,需要十二個席位的報價。", "貨物晚到一天,其他都滿意。", "未接通,已留言。"),
        ("報價單已再次寄送(PDF)。", "已確認時間與地址。"),
        ("展示了新產品,需主管決定。", "首次拜訪。"),
        ("展覽會上認識。", "上午聯絡比較方便。"),
        ("就報價回電", "寄送合約", "詢問試用情況"),
        ("展覽會上認識。上午聯絡比較方便。",),
    ),
    "ja": Texts(
        (
            "年間契約の見積もりを十二席分ご希望。",
            "納品が一日遅れたとのこと。お詫びした。",
            "不在のため受付に伝言。",
        ),
        ("見積書をPDFで再送。", "日時と住所を確認。"),
        ("新製品をご紹介。上長の判断待ち。", "初回訪問。"),
        ("展示会でお会いした。", "午前中の連絡をご希望。"),
        ("見積もりの件で電話", "契約書を送付", "試用の感想を伺う"),
        ("展示会でお会いした。午前中の連絡をご希望。",),
    ),
    "ko": Texts(
        ("연간 계약 견적 요청, 12석.", "배송이 하루 늦었으나 만족.", "부재중, 메모 남김."),
        ("견적서를 PDF로 다시 발송.", "약속 시간과 주소 확인."),
        ("신제품 소개, 휴가 후 결정.", "첫 방문."),
        ("박람회에서 만남.", "오전 연락 선호."),
        ("견적 관련 전화", "계약서 발송", "시험 사용 결과 문의"),
        ("박람회에서 만남. 오전 연락 선호.",),
    ),
    "ar": Texts(
        ("يطلب عرض سعر لاثني عشر مقعدًا.", "وصلت الشحنة متأخرة يومًا واحدًا.", "لم يرد، تركنا رسالة."),
        ("أعيد إرسال عرض السعر.", "تم تأكيد الموعد والعنوان."),
        ("عرضنا المنتجات الجديدة، والقرار بعد الإجازة.", "الزيارة الأولى."),
        ("التقينا في المعرض.", "يفضل الاتصال صباحًا."),
        ("الاتصال بشأن العرض", "إرسال العقد", "السؤال عن التجربة"),
        ("التقينا في المعرض، ويفضل الاتصال صباحًا.",),
    ),
    "pt": Texts(
        (
            "Pede orçamento para doze lugares, contrato anual.",
            "A entrega chegou com um dia de atraso; de resto, satisfeito.",
            "Não atende, recado deixado na receção.",
        ),
        ("Orçamento reenviado em PDF.", "Data e morada confirmadas."),
        ("Apresentada a nova gama, decide depois das férias.", "Primeira visita."),
        ("Conhecemo-nos na feira.", "De preferência de manhã."),
        ("Ligar por causa do orçamento", "Enviar o contrato", "Perguntar pela experiência"),
        ("Conhecemo-nos na feira. De preferência de manhã.",),
    ),
    "ru": Texts(
        (
            "Просит расчёт на двенадцать мест, годовой договор.",
            "Поставка пришла на день позже, в остальном всё хорошо.",
            "Не дозвонились, оставили сообщение.",
        ),
        ("Предложение отправлено повторно в PDF.", "Время и адрес подтверждены."),
        ("Показали новые изделия, решение после отпуска.", "Первый визит."),
        ("Познакомились на выставке.", "Лучше звонить утром."),
        ("Позвонить по поводу предложения", "Отправить договор", "Спросить о пробном периоде"),
        ("Познакомились на выставке, лучше звонить утром.",),
    ),
}  # fmt: skip


def texts_of(language: str) -> Texts:
    """In the language, or else in English."""
    return TEXTS.get(language) or TEXTS.get(language.split("-")[0]) or TEXTS["en"]
