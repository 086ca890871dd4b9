"""Where demo customers live: city, region, postal codes and telephone numbers that agree.

In postal codes and numbers `#` is any digit, `@` a letter that British postal codes use, `{2-5}`
one of these digits. Telephone numbers of the USA come from the range that is kept free for films;
elsewhere they have the form of real ones and may be somebody's: nothing here ever calls.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    region: str
    postal: str
    landline: str
    # What the numbers of identity cards issued there begin with, where they say so.
    card: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """`people` is the locale of Faker's word lists, `weight` the share of demo customers."""

    code: str
    people: str
    language: str
    weight: int
    mobiles: tuple[str, ...]
    street: str
    streets: tuple[str, ...]
    places: tuple[Place, ...]
    companies: tuple[str, ...]
    trades: tuple[str, ...]
    channels: tuple[str, ...] = ("email", "phone")


LATIN_TRADES = ("Optics", "Logistics", "Foods", "Energy", "Software", "Interiors", "Tools", "Media")

COUNTRIES = (
    Country(
        "US", "en_US", "en", 16,
        ("+1{area}55501##",), "{number} {street}",
        ("Maple Street", "Oak Avenue", "Cedar Lane", "Lakeview Drive", "Main Street", "Hill Road"),
        (
            Place("Denver", "Colorado", "802##", "+130355501##"),
            Place("Austin", "Texas", "787##", "+151255501##"),
            Place("Boston", "Massachusetts", "021##", "+161755501##"),
            Place("Seattle", "Washington", "981##", "+120655501##"),
            Place("Chicago", "Illinois", "606##", "+131255501##"),
            Place("Portland", "Oregon", "972##", "+150355501##"),
        ),
        ("{family} {trade}", "{family} & {other}, Inc.", "{city} {trade}", "{family} {trade} LLC"),
        LATIN_TRADES,
    ),
    Country(
        "GB", "en_GB", "en", 8,
        ("+44747#######",), "{number} {street}",
        ("High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Lane", "Park Road"),
        (
            Place("London", "England", "SW# #@@", "+44207946####"),
            Place("Manchester", "England", "M# #@@", "+44161496####"),
            Place("Leeds", "England", "LS# #@@", "+44113496####"),
            Place("Edinburgh", "Scotland", "EH# #@@", "+44131496####"),
            Place("Cardiff", "Wales", "CF# #@@", "+44292018####"),
        ),
        ("{family} {trade} Ltd", "{family} & Sons", "{city} {trade} plc", "{family} {other} LLP"),
        LATIN_TRADES,
    ),
    Country(
        "DE", "de_DE", "de", 14,
        ("+49151########", "+49160#######", "+49171#######"), "{street} {number}",
        ("Hauptstraße", "Bahnhofstraße", "Waldallee", "Goethestraße", "Lindenweg", "Am Markt"),
        (
            Place("Berlin", "Berlin", "10###", "+4930########"),
            Place("Hamburg", "Hamburg", "20###", "+4940########"),
            Place("München", "Bayern", "80###", "+4989########"),
            Place("Köln", "Nordrhein-Westfalen", "50###", "+49221#######"),
            Place("Leipzig", "Sachsen", "04###", "+49341#######"),
            Place("Freiburg", "Baden-Württemberg", "79###", "+49761######"),
        ),
        ("{family} {trade} GmbH", "{family} & {other} KG", "{city}er {trade} AG", "{family} AG"),
        ("Optik", "Maschinenbau", "Feinkost", "Logistik", "Elektrotechnik", "Verlag", "Holzbau"),
    ),
    Country(
        "FR", "fr_FR", "fr", 9,
        ("+33612######", "+33687######"), "{number} {street}",
        ("rue Victor Hugo", "avenue Foch", "rue de la Paix", "boulevard Carnot", "rue des Lilas"),
        (
            Place("Paris", "Île-de-France", "750##", "+33142######", "75"),
            Place("Lyon", "Auvergne-Rhône-Alpes", "690##", "+33472######", "69"),
            Place("Nantes", "Pays de la Loire", "440##", "+33240######", "44"),
            Place("Lille", "Hauts-de-France", "590##", "+33320######", "59"),
            Place("Toulouse", "Occitanie", "310##", "+33561######", "31"),
        ),
        ("{family} SARL", "Établissements {family}", "{trade} {family} SAS", "{family} et Fils"),
        ("Optique", "Transports", "Menuiserie", "Épicerie", "Imprimerie", "Électricité"),
    ),
    Country(
        "ES", "es_ES", "es", 8,
        ("+346########",), "{street}, {number}",
        ("Calle Mayor", "Gran Vía", "Calle del Sol", "Avenida de la Paz", "Plaza Nueva"),
        (
            Place("Madrid", "Madrid", "280##", "+3491#######"),
            Place("Sevilla", "Andalucía", "410##", "+3495#######"),
            Place("Valencia", "Comunitat Valenciana", "460##", "+3496#######"),
            Place("Bilbao", "País Vasco", "480##", "+3494#######"),
        ),
        ("{trade} {family} S.L.", "Hermanos {family}", "{family} y {other} S.A."),
        ("Talleres", "Bodegas", "Muebles", "Óptica", "Transportes", "Editorial"),
    ),
    Country(
        "IT", "it_IT", "it", 7,
        ("+393#########",), "{street} {number}",
        ("Via Roma", "Via Garibaldi", "Corso Italia", "Viale Dante", "Piazza Mazzini"),
        (
            Place("Roma", "Lazio", "001##", "+39064######", "H501"),
            Place("Milano", "Lombardia", "201##", "+3902#######", "F205"),
            Place("Torino", "Piemonte", "101##", "+39011#######", "L219"),
            Place("Bologna", "Emilia-Romagna", "401##", "+39051######", "A944"),
            Place("Napoli", "Campania", "801##", "+39081#######", "F839"),
        ),
        ("{trade} {family} S.r.l.", "{family} & {other} S.p.A.", "Fratelli {family}"),
        ("Ottica", "Officine", "Pastificio", "Arredamenti", "Trasporti", "Ceramiche"),
    ),
    Country(
        "PL", "pl_PL", "pl", 6,
        ("+4851#######", "+4860#######", "+4879#######"), "{street} {number}",
        ("ul. Polna", "ul. Leśna", "ul. Krótka", "al. Jana Pawła II", "ul. Długa"),
        (
            Place("Warszawa", "mazowieckie", "00-###", "+4822#######"),
            Place("Kraków", "małopolskie", "30-###", "+4812#######"),
            Place("Gdańsk", "pomorskie", "80-###", "+4858#######"),
            Place("Wrocław", "dolnośląskie", "50-###", "+4871#######"),
        ),
        ("{trade} {family} sp. z o.o.", "{family} i Synowie", "{family} S.A."),
        ("Optyka", "Transport", "Meble", "Piekarnia", "Drukarnia"),
    ),
    Country(
        "CN", "zh_CN", "zh", 14,
        ("+86138########", "+86139########", "+86186########"), "{street}{number}号",
        ("人民路", "中山路", "解放路", "建设路", "文化路", "西湖大道"),
        (
            Place("北京", "北京市", "100###", "+86106#######", "110105"),
            Place("上海", "上海市", "200###", "+86216#######", "310115"),
            Place("杭州", "浙江省", "310###", "+86571########", "330106"),
            Place("广州", "广东省", "510###", "+8620########", "440103"),
            Place("成都", "四川省", "610###", "+8628########", "510104"),
            Place("西安", "陕西省", "710###", "+8629########", "610103"),
        ),
        ("{city}{word}{trade}有限公司", "{word}{trade}股份有限公司", "{city}{word}集团"),
        ("光学", "物流", "食品", "能源", "科技", "家具", "传媒"),
        ("messenger", "phone", "text_message"),
    ),
    Country(
        "TW", "zh_TW", "zh-TW", 4,
        ("+8869########",), "{street}{number}號",
        ("中正路", "忠孝東路", "民生路", "和平路", "復興北路"),
        (
            Place("台北", "台北市", "10###", "+88622#######"),
            Place("高雄", "高雄市", "80###", "+88672######"),
            Place("台中", "台中市", "40###", "+88642#######"),
        ),
        ("{city}{word}{trade}有限公司", "{word}{trade}股份有限公司"),
        ("光電", "物流", "食品", "科技", "家具"),
        ("messenger", "phone"),
    ),
    Country(
        "JP", "ja_JP", "ja", 6,
        ("+8190########", "+8180########"), "{street}{number}丁目1-2",
        ("本町", "中央", "栄町", "緑町", "桜町"),
        (
            Place("東京", "東京都", "100-####", "+813########"),
            Place("大阪", "大阪府", "530-####", "+816########"),
            Place("名古屋", "愛知県", "460-####", "+8152#######"),
            Place("札幌", "北海道", "060-####", "+81112######"),
        ),
        ("株式会社{family}{trade}", "{family}{trade}株式会社", "有限会社{family}"),
        ("光学", "物流", "食品", "電機", "印刷"),
    ),
    Country(
        "KR", "ko_KR", "ko", 4,
        ("+82102#######",), "{street} {number}",
        ("세종대로", "강남대로", "테헤란로", "중앙로", "올림픽로"),
        (
            Place("서울", "서울특별시", "04###", "+822#######"),
            Place("부산", "부산광역시", "48###", "+8251#######"),
            Place("대구", "대구광역시", "41###", "+8253#######"),
        ),
        ("주식회사 {family}{trade}", "(주){family}{trade}", "{city}{trade}"),
        ("광학", "물류", "식품", "전자", "가구"),
        ("messenger", "phone"),
    ),
    Country(
        "SA", "ar_SA", "ar", 4,
        ("+96650#######", "+96655#######"), "{number} {street}",
        ("طريق الملك فهد", "شارع العليا", "شارع التحلية", "شارع السلام"),
        (
            Place("الرياض", "منطقة الرياض", "11###", "+966114######"),
            Place("جدة", "منطقة مكة المكرمة", "21###", "+966126######"),
        ),
        ("شركة {family} {trade}", "مؤسسة {family}", "{family} وأولاده"),
        ("للتجارة", "للنقل", "للبصريات", "للأغذية"),
        ("phone", "messenger"),
    ),
    Country(
        "PT", "pt_PT", "pt", 3,
        ("+35191#######", "+35196#######"), "{street}, {number}",
        ("Rua Augusta", "Avenida da Liberdade", "Rua do Carmo", "Rua das Flores"),
        (
            Place("Lisboa", "Lisboa", "1000-###", "+35121#######"),
            Place("Porto", "Porto", "4000-###", "+35122#######"),
        ),
        ("{trade} {family}, Lda.", "{family} & {other}, S.A."),
        ("Óptica", "Transportes", "Vinhos", "Cerâmica"),
    ),
    Country(
        "BR", "pt_BR", "pt", 6,
        ("+55119########", "+55219########"), "{street}, {number}",
        ("Rua das Palmeiras", "Avenida Brasil", "Rua São João", "Avenida Paulista"),
        (
            Place("São Paulo", "São Paulo", "01###-###", "+5511{2-5}#######"),
            Place("Rio de Janeiro", "Rio de Janeiro", "20###-###", "+5521{2-5}#######"),
            Place("Curitiba", "Paraná", "80###-###", "+5541{2-5}#######"),
        ),
        ("{trade} {family} Ltda.", "{family} & {other} S.A."),
        ("Ótica", "Transportes", "Alimentos", "Móveis"),
        ("messenger", "email"),
    ),
    Country(
        "RU", "ru_RU", "ru", 5,
        ("+7903#######", "+7916#######"), "{street}, д. {number}",
        ("ул. Ленина", "Невский проспект", "ул. Садовая", "ул. Мира", "Лесная ул."),
        (
            Place("Москва", "Москва", "101###", "+7495#######"),
            Place("Санкт-Петербург", "Санкт-Петербург", "190###", "+7812#######"),
            Place("Казань", "Татарстан", "420###", "+7843#######"),
        ),
        ("ООО «{word}{trade}»", "ЗАО «{trade} {family}»"),
        ("Оптика", "Транс", "Мебель", "Энерго"),
    ),
)  # fmt: skip
AREAS = (
    *("201", "202", "206", "212", "213", "214", "215", "216", "303", "305", "310", "312", "313"),
    *("404", "408", "412", "415", "503", "504", "505", "512", "513", "602", "612", "615", "617"),
    *("702", "703", "713", "716", "720", "801", "804", "808", "813", "816", "858", "901", "916"),
)
