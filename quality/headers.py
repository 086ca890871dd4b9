"""Recognising the columns of a customer file by their names, in the languages files come in.

Only whole names count, after folding case, accents, width, punctuation and words that add nothing
("customer e-mail", "E-Mail*", "电话（必填）"). A name that is not in the list stays unmapped: staff
map it by hand, and nothing is guessed from a part of a word.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

FIELDS: tuple[str, ...] = (
    "given_name",
    "family_name",
    "full_name",
    "organisation_name",
    "kind",
    "gender",
    "email",
    "phone",
    "birth_date",
    "national_id",
    "national_id_type",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "language",
    "job_title",
    "preferred_channel",
    "stage",
    "tags",
    "employer",
    "notes",
    "external_id",
)
#: Several columns may fill one of these; their texts join with a space in file order.
JOINED = frozenset({"given_name", "family_name", "full_name", "street", "notes", "tags"})

_NAMES: dict[str, str] = {
    "given_name": """
        given name|given names|first name|firstname|forename|forenames|fname|christian name|
        名|名字|名称 名|vorname|vornamen|rufname|prénom|prenom|prénoms|nombre|nombres|
        nombre de pila|nome|voornaam|имя|名前""",
    "family_name": """
        family name|last name|lastname|surname|lname|second name|姓|姓氏|nachname|familienname|
        zuname|nom de famille|nom|apellido|apellidos|primer apellido|segundo apellido|cognome|
        achternaam|фамилия""",
    "full_name": """
        name|full name|fullname|display name|person|person name|contact|contact name|
        contact person|姓名|联系人|联系人姓名|客户姓名|客户名称|客户名|全名|聯絡人|聯繫人|收件人|
        vollständiger name|ansprechpartner|ansprechperson|kontakt|kontaktperson|nom complet|
        nom et prénom|nom prénom|nombre completo|nombre y apellidos|氏名|фио""",
    "organisation_name": """
        organisation|organization|organisation name|organization name|org|org name|company|
        company name|business name|business|firm|account|account name|legal name|公司|公司名称|
        公司名|单位|单位名称|企业|企业名称|机构|机构名称|组织|公司名稱|firma|firmenname|unternehmen|
        organisationsname|société|societe|entreprise|raison sociale|nom de la société|empresa|
        compañía|compania|razón social|nombre de la empresa|azienda|bedrijf""",
    "kind": """
        kind|customer kind|customer type|type of customer|person or organisation|record type|
        客户类型|客户类别|kundenart|kundentyp|type de client|tipo de cliente""",
    "gender": """
        gender|sex|性别|性別|geschlecht|sexe|genre|sexo|género|genero""",
    "email": """
        email|e mail|mail|email address|e mail address|mail address|emailaddress|email id|
        email 1|primary email|work email|邮箱|电子邮箱|电子邮件|邮件|邮箱地址|邮件地址|电邮|
        電子郵件|電郵|信箱|e mail adresse|emailadresse|mailadresse|courriel|adresse e mail|
        adresse email|adresse mail|adresse électronique|mél|correo|correo electrónico|
        correo electronico|dirección de correo|e mail address 1""",
    "phone": """
        phone|phone number|phonenumber|telephone|telephone number|tel|tel no|tel number|mobile|
        mobile phone|mobile number|mobile no|cell|cell phone|cellphone|cell number|handy|
        phone 1|primary phone|contact number|contact phone|work phone|home phone|phone no|
        电话|电话号码|联系电话|手机|手机号|手机号码|移动电话|联系方式|電話|電話號碼|手機|手機號碼|
        telefon|telefonnummer|rufnummer|mobil|mobilnummer|mobiltelefon|handynummer|téléphone|
        telephone portable|numéro de téléphone|portable|teléfono|telefono|número de teléfono|
        móvil|movil|celular|телефон""",
    "birth_date": """
        birth date|birthdate|date of birth|dob|birthday|born|born on|d o b|生日|出生日期|出生年月日|
        出生年月|geburtsdatum|geburtstag|geboren am|geb datum|date de naissance|né le|
        fecha de nacimiento|nacimiento|data di nascita""",
    "national_id": """
        national id|national id number|nationalid|id number|id no|id card|id card number|
        identity number|identity card|identity card number|identification number|personal id|
        personal number|national insurance number|ssn|social security number|soc sec id|tax id|
        tax number|tin|nin|passport number|passport no|身份证|身份证号|身份证号码|证件号|证件号码|
        公民身份号码|身份證|身份證號碼|ausweisnummer|personalausweisnummer|steuer id|
        steueridentifikationsnummer|steuernummer|numéro de sécurité sociale|numéro d identité|
        carte d identité|nir|dni|nif|nie|documento de identidad|número de documento""",
    "national_id_type": """
        national id type|id type|id card type|type of id|identity type|document type|证件类型|
        证件类别|ausweisart|type de pièce d identité|tipo de documento""",
    "street": """
        street|street address|address|address line|address line 1|address line 2|address 1|
        address 2|street 1|street 2|street name|addr|street and number|postal address|
        mailing address|home address|地址|街道|街道地址|详细地址|联系地址|通讯地址|住址|家庭住址|
        straße|strasse|adresse|anschrift|straße und hausnummer|straße hausnummer|rue|voie|
        adresse postale|adresse 1|adresse 2|calle|dirección|direccion|domicilio""",
    "city": """
        city|town|suburb|locality|city name|city town|城市|市|所在城市|ort|stadt|wohnort|ville|
        commune|localité|ciudad|localidad|población|municipio|città""",
    "region": """
        region|state|province|county|state province|state region|administrative area|省|省份|
        地区|省市|州|所在省份|bundesland|kanton|région|département|provincia|estado|
        comunidad autónoma""",
    "postal_code": """
        postal code|postcode|post code|zip|zip code|zipcode|zip postal code|邮编|邮政编码|
        郵遞區號|plz|postleitzahl|code postal|cp|código postal|codigo postal|cap""",
    "country": """
        country|country name|country code|nation|country region|国家|国别|国家地区|国家代码|國家|
        land|staat|ländercode|pays|code pays|país|pais|paese""",
    "language": """
        language|preferred language|lang|locale|语言|首选语言|語言|sprache|langue|idioma""",
    "job_title": """
        job title|jobtitle|job|position|role|function|occupation|profession|title at work|
        职位|职务|岗位|职称|頭銜|beruf|stellung|berufsbezeichnung|funktion|fonction|poste|métier|
        cargo|puesto|profesión""",
    "preferred_channel": """
        preferred channel|channel|contact channel|preferred contact|preferred contact method|
        contact preference|首选渠道|联系渠道|首选联系方式|偏好渠道|bevorzugter kanal|kontaktweg|
        canal préféré|canal preferido""",
    "stage": """
        stage|customer stage|lifecycle stage|life cycle stage|status|customer status|阶段|
        客户阶段|客户状态|状态|phase|kundenstatus|statut|étape|estado del cliente|etapa""",
    "tags": """
        tags|tag|labels|label|keywords|标签|客户标签|標籤|schlagworte|schlagwörter|étiquettes|
        etiquetas""",
    "employer": """
        employer|employer name|workplace|works for|works at|雇主|工作单位|任职公司|所在公司|
        就职公司|所属公司|arbeitgeber|employeur|empleador""",
    "notes": """
        note|notes|comment|comments|remark|remarks|memo|description|free text|备注|说明|注释|
        附注|描述|備註|notiz|notizen|bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|
        remarque|remarques|commentaire|commentaires|nota|notas|observaciones|comentarios""",
    "external_id": """
        id|customer id|customer number|customer no|cust id|client id|client number|record id|
        rec id|unique id|external id|externalid|reference|ref|contact id|account id|uid|uuid|
        编号|客户编号|客户号|客户id|会员号|会员编号|序号|客戶編號|kundennummer|kunden nr|kundennr|
        kunden id|nummer|numéro client|numéro de client|n client|identifiant|id client|
        número de cliente|id cliente|código de cliente""",
}

_IDLE_WORDS = re.compile(r"^(?:the|your|customer|cust|client|contact|primary|main|kunden) ")
_NUMBER_WORDS = re.compile(r" (?:no|nr|num|nbr)$")
_IDLE_CHINESE = re.compile(r"^(?:客户|顾客|会员|您的|主要)")


def fold(name: str) -> str:
    """A column name reduced to its words: folded case, accents, width and punctuation."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", " ", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold()
    text = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


_FIELD_OF = {
    _NUMBER_WORDS.sub(" number", fold(name)): field
    for field, names in _NAMES.items()
    for name in [field.replace("_", " "), *names.replace("\n", " ").split("|")]
    if name.strip()
}


@lru_cache(maxsize=4_096)
def recognise(name: str) -> str | None:
    """The field a column of this name holds, or None."""
    key = fold(name[:200])
    key = _NUMBER_WORDS.sub(" number", key)
    for candidate in (key, _IDLE_WORDS.sub("", key), _IDLE_CHINESE.sub("", key)):
        if field := _FIELD_OF.get(candidate):
            return field
        if field := _FIELD_OF.get(candidate.replace(" ", "")):
            return field
    return None


def recognise_columns(columns: Sequence[str]) -> dict[str, str]:
    """Fields of the columns that are recognised, each field once unless its texts can be joined.

    A company beside a person's name is where that person works; without one it is the customer.
    """
    found = {column: field for column in columns if (field := recognise(column))}
    people = {"given_name", "family_name", "full_name"} & set(found.values())
    mapping: dict[str, str] = {}
    for column, field in found.items():
        if field == "organisation_name" and people:
            field = "employer"
        if field in JOINED or field not in mapping.values():
            mapping[column] = field
    return mapping
