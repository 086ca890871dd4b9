"""The names columns go by, field by field, in the languages files come in.

A name that means different fields in different languages, or often something else altogether
(Turkish *ad*, Danish *by*), is left out: such a column is mapped by hand. So are row numbers
(*No.*, 序号): they number the lines of one file, and would be taken for customers' own numbers.
"""

NAMES: dict[str, str] = {
    "given_name": """
        deuxième prénom|weitere vornamen|additional name|autres prénoms|
        given name|given names|middle name|middle names|отчество|segundo nombre|zweiter vorname|
        first name|firstname|forename|forenames|fname|christian name|名|名字|名称 名|vorname|
        vornamen|rufname|prénom|prenom|prénoms|nombre|nombres|nombre de pila|nome|voornaam|имя|
        名前|given|imię|imiona|jméno|křestní jméno|förnamn|fornavn|etunimi|isim|adı|όνομα|
        الاسم الأول|שם פרטי|이름|utónév|keresztnév|prenume|nome próprio|primeiro nome|ім'я|ชื่อ|
        tên|nama depan|first|имя клиента|名前 名""",
    "family_name": """
        family name|last name|lastname|surname|lname|second name|姓|姓氏|nachname|familienname|
        zuname|nom de famille|nom|apellido|apellidos|primer apellido|segundo apellido|cognome|
        achternaam|фамилия|nazwisko|příjmení|efternamn|etternavn|sukunimi|soyad|soyadı|soyisim|
        επώνυμο|επίθετο|اسم العائلة|שם משפחה|성|vezetéknév|családnév|nume de familie|prezime|
        priimek|sobrenome|apelido|apelidos|прізвище|นามสกุล|họ|nama belakang|apellido 1|
        apellido 2|apellido paterno|apellido materno|last|efternavn|名字 姓|苗字|nom d usage|
        priezvisko""",
    "full_name": """
        name|full name|fullname|display name|person|person name|contact|contact name|
        contact person|姓名|联系人|联系人姓名|客户姓名|客户名称|客户名|全名|聯絡人|聯繫人|
        收件人|vollständiger name|ansprechpartner|ansprechperson|kontakt|kontaktperson|
        nom complet|nom et prénom|nom prénom|nombre completo|nombre y apellidos|氏名|фио|naam|
        volledige naam|vor und nachname|vor nachname|vor und zuname|vorname nachname|
        vorname und nachname|name vorname|name und vorname|nachname vorname|nome completo|
        nome e cognome|cognome e nome|nominativo|nom et prénoms|nom prénoms|prénom et nom|
        prénom nom|nom du client|nombre del cliente|nombre apellidos|apellidos y nombre|
        apellidos nombre|imię i nazwisko|nazwisko i imię|jméno a příjmení|namn|
        fullständigt namn|för och efternamn|navn|fullt navn|fulde navn|nimi|koko nimi|név|
        teljes név|nume complet|nume și prenume|ad soyad|adı soyadı|isim soyisim|ονοματεπώνυμο|
        الاسم|الاسم الكامل|שם|שם מלא|имя и фамилия|имя фамилия|фамилия имя|фамилия имя отчество|
        ф и о|піб|성명|성함|고객명|お名前|氏名 漢字|顧客名|担当者名|họ và tên|họ tên|
        ชื่อ นามสกุล|nama|nama lengkap|姓名 中文|联络人|customer full name|first and last name|
        first name last name|last name first name|name full|kundenname|nome do cliente|
        nome cliente|klantnaam""",
    "organisation_name": """
        organisation|organization|organisation name|organization name|org|org name|company|
        company name|business name|business|firm|account|account name|legal name|公司|公司名称|
        公司名|单位|单位名称|企业|企业名称|机构|机构名称|组织|公司名稱|firma|firmenname|
        unternehmen|organisationsname|société|societe|entreprise|raison sociale|
        nom de la société|empresa|compañía|compania|razón social|nombre de la empresa|azienda|
        bedrijf|ditta|società|ragione sociale|bedrijfsnaam|organisatie|firmanavn|företag|
        företagsnamn|virksomhed|yritys|yrityksen nimi|nazwa firmy|společnost|cég|cégnév|
        companie|şirket|şirket adı|firma adı|εταιρεία|επωνυμία|شركة|الشركة|اسم الشركة|חברה|
        שם החברה|компания|название компании|организация|предприятие|фирма|компанія|회사|회사명|
        업체명|会社|会社名|企業名|法人名|công ty|บริษัท|perusahaan|razao social|razão social|
        nome da empresa|firmenbezeichnung|公司全称|单位全称""",
    "kind": """
        kind|customer kind|customer type|type of customer|person or organisation|record type|
        客户类型|客户类别|kundenart|kundentyp|type de client|tipo de cliente""",
    "gender": """
        gender|sex|性别|性別|geschlecht|sexe|genre|sexo|género|genero|sesso|geslacht|пол|стать|
        성별|cinsiyet|płeć|pohlaví|kön|køn|kjønn|sukupuoli|الجنس|מין|φύλο|gênero|giới tính|เพศ|
        jenis kelamin|neme""",
    "email": """
        adresse de messagerie|
        emails|email addresses|
        email|e mail|mail|email address|e mail address|mail address|emailaddress|email id|
        email 1|primary email|work email|邮箱|电子邮箱|电子邮件|邮件|邮箱地址|邮件地址|电邮|
        電子郵件|電郵|信箱|e mail adresse|emailadresse|mailadresse|courriel|adresse e mail|
        adresse email|adresse mail|adresse électronique|mél|correo|correo electrónico|
        correo electronico|dirección de correo|e mail address 1|email addr|mail addr|
        personal email|business email|home email|e mail private|e mail business|private email|
        private e mail|email contact|email地址|e mail地址|email邮箱|联系邮箱|个人邮箱|工作邮箱|
        电子信箱|mailadres|email adres|e mail adres|emailadres|indirizzo email|indirizzo e mail|
        indirizzo mail|posta elettronica|endereço de e mail|endereço de email|
        correio eletrônico|correio eletrónico|dirección de correo electrónico|dirección email|
        correo e|courrier électronique|mail professionnel|e post|e postadress|e postadresse|
        epost|sähköposti|sähköpostiosoite|adres e mail|adres email|poczta elektroniczna|
        e mailová adresa|e mail cím|adresă de email|e posta|eposta|e posta adresi|
        ηλεκτρονική διεύθυνση|ηλ ταχυδρομείο|البريد الإلكتروني|بريد إلكتروني|الإيميل|
        דואר אלקטרוני|דוא ל|אימייל|מייל|почта|эл почта|электронная почта|
        адрес электронной почты|e mail адрес|имейл|електронна пошта|이메일|이메일 주소|전자우편|
        メール|メールアドレス|電子メール|eメール|thư điện tử|อีเมล|surel|alamat email|
        geschäftliche e mail|private e mail adresse""",
    "phone": """
        mobile phone number|cell phone number|work phone number|home phone number|
        phones|phone numbers|
        phone|phone number|phonenumber|telephone|telephone number|tel|tel no|tel number|mobile|
        mobile phone|mobile number|mobile no|cell|cell phone|cellphone|cell number|handy|
        phone 1|primary phone|contact number|contact phone|work phone|home phone|phone no|电话|
        电话号码|联系电话|手机|手机号|手机号码|移动电话|联系方式|電話|電話號碼|手機|手機號碼|
        telefon|telefonnummer|rufnummer|mobil|mobilnummer|mobiltelefon|handynummer|téléphone|
        telephone portable|numéro de téléphone|portable|teléfono|telefono|número de teléfono|
        móvil|movil|celular|телефон|business phone|office phone|private phone|personal phone|
        main phone|other phone|daytime phone|day phone|evening phone|phone home|phone work|
        phone mobile|mobile telephone|mobile tel|cellular|cell no|
        telefonnr|telefon nr|handynr|handy nr|mobilnr|mobil nr|telefon privat|telefon mobil|
        festnetz|tel privat|tel mobil|rufnr|cellulare|numero di telefono|numero di cellulare|
        recapito telefonico|telefone|telefone celular|telemóvel|nº de telefone|telefono movil|
        teléfono móvil|teléfono celular|tel móvil|número de móvil|telefoonnummer|telefoon|
        mobiel|mobiele nummer|gsm|n de téléphone|tél portable|tél mobile|tél fixe|
        téléphone mobile|téléphone portable|téléphone fixe|n téléphone|mobil telefon|
        mobiltelefon nr|telefonnumer|numer telefonu|telefon komórkowy|komórka|nr telefonu|
        telefonní číslo|telefonszám|telefonnummer mobil|mobilnummer privat|puhelin|
        puhelinnumero|matkapuhelin|telefon numarası|cep telefonu|telefon no|τηλέφωνο|κινητό|
        κινητό τηλέφωνο|رقم الهاتف|الهاتف|هاتف|الجوال|رقم الجوال|الموبايل|טלפון|נייד|טלפון נייד|
        номер телефона|мобильный|мобильный телефон|моб телефон|контактный телефон|тел|моб|
        сотовый|номер телефону|전화|전화번호|휴대폰|휴대폰번호|휴대폰 번호|휴대전화|연락처|
        핸드폰|電話番号|携帯|携帯電話|携帯番号|携帯電話番号|連絡先電話番号|座机|固定电话|
        手机号(必填)|联系手机|手机号1|电话1|手机1|số điện thoại|điện thoại|เบอร์โทร|โทรศัพท์|
        เบอร์โทรศัพท์|nomor telepon|telepon|no hp""",
    "further_email": """
        additional email addresses|other email addresses|additional emails|
        weitere e mail adressen|
        further email|further e mail|other email|other e mail|second email|secondary email|
        alternative email|alternate email|additional email|weitere e mail|zweite e mail|
        autre e mail|autre email|otro correo|altra e mail|备用邮箱|其他邮箱|
        第二邮箱|その他のメール""",
    "further_phone": """
        telefon firma|company main phone|
        further phone|second phone|secondary phone|alternative phone|alternate phone|
        additional phone|other phone number|weiteres telefon|zweite telefonnummer|
        autre téléphone|otro teléfono|altro telefono|备用电话|其他电话|备用手机|第二电话|
        その他の電話""",
    "messenger": """
        whatsapp phone number|
        messenger|instant messenger|instant messaging|im|messenger name|messaging app|wechat|
        wechat id|wechat name|weixin|微信|微信号|微信id|whatsapp|whatsapp number|whatsapp nummer|
        whatsapp no|telegram|telegram name|telegram username|telegram handle|телеграм|line id|
        viber|viber number|signal number|ms teams|microsoft teams|teams name|聊天账号|即时通讯""",
    "birth_date": """
        anniversaire|
        birth date|birthdate|date of birth|dob|birthday|born|born on|d o b|生日|出生日期|
        出生年月日|出生年月|geburtsdatum|geburtstag|geboren am|geb datum|date de naissance|
        né le|fecha de nacimiento|nacimiento|data di nascita|geb|geb am|geburtstagsdatum|
        naissance|date naissance|née le|né e le|f nacimiento|fecha nac|fecha de nac|nato il|
        data nascita|data de nascimento|nascimento|geboortedatum|geboren|geboren op|
        födelsedatum|född|fødselsdato|fødselsdag|syntymäaika|syntymäpäivä|data urodzenia|
        datum narození|dátum narodenia|születési dátum|születési idő|data nașterii|
        datum rođenja|datum rojstva|doğum tarihi|d tarihi|ημερομηνία γέννησης|ημ νία γέννησης|
        تاريخ الميلاد|תאריך לידה|дата рождения|день рождения|дата народження|д р|생년월일|생일|
        生年月日|誕生日|ngày sinh|วันเกิด|tanggal lahir|birth day|birth|dateofbirth|
        出生年月日 西历|生日 公历""",
    "national_id": """
        national id|national id number|nationalid|id number|id no|id card|id card number|
        identity number|identity card|identity card number|identification number|personal id|
        personal number|national insurance number|ssn|social security number|soc sec id|tax id|
        tax number|tin|nin|passport number|passport no|身份证|身份证号|身份证号码|证件号|
        证件号码|公民身份号码|身份證|身份證號碼|ausweisnummer|personalausweisnummer|steuer id|
        steuer id nr|steueridentifikationsnummer|steuernummer|numéro de sécurité sociale|
        numéro d identité|carte d identité|nir|dni|nif|nie|documento de identidad|
        número de documento|dni nie|nif nie|dni nif|n sécurité sociale|n de sécurité sociale|
        numéro de sécu|n ss|numéro sécurité sociale|numéro de passeport|passeport|steuer idnr|
        steuer identifikationsnummer|idnr|ausweisnr|personalausweis|reisepass|reisepassnummer|
        codice fiscale|cod fiscale|carta d identità|bsn|burgerservicenummer|pesel|nr pesel|cpf|
        cpf nº|rodné číslo|personnummer|person nr|personnr|cpr|cpr nummer|cpr nr|fødselsnummer|
        henkilötunnus|hetu|tckn|t c kimlik no|tc kimlik no|t c kimlik numarası|tc kimlik|
        kimlik no|kimlik numarası|cnp|oib|emšo|снилс|инн|паспорт|номер паспорта|
        паспортные данные|주민등록번호|주민번호|マイナンバー|個人番号|aadhaar|aadhaar number|
        aadhar|aadhar number|aadhaar card|nino|ni number|national insurance|passport|
        passport id|rijksregisternummer|numéro national|curp|rut|cédula|cédula de identidad|
        teudat zehut|תעודת זהות|מספר זהות|ת ז|رقم الهوية|الهوية الوطنية|رقم البطاقة|αφμ|αδτ|
        αριθμός ταυτότητας|social security|social security no|social insurance number|
        tax identification number|personal identification number|personal id number|identity no|
        identity document|证件|身份证号 码|身份证编号|居民身份证|居民身份证号|身份號碼|身份證號|
        護照|护照|护照号|护照号码|số cmnd|cccd|số cccd|เลขบัตรประชาชน|no ktp""",
    "national_id_type": """
        national id type|id type|id card type|type of id|identity type|document type|证件类型|
        证件类别|ausweisart|type de pièce d identité|tipo de documento""",
    "street": """
        street|street address|address|address line|address line 1|address line 2|address 1|
        address 2|street 1|street 2|street name|addr|street and number|postal address|
        mailing address|home address|地址|街道|街道地址|详细地址|联系地址|通讯地址|住址|
        家庭住址|straße|strasse|adresse|anschrift|straße und hausnummer|straße hausnummer|rue|
        voie|adresse postale|adresse 1|adresse 2|calle|dirección|direccion|domicilio|
        straße hausnr|straße nr|straße u hausnr|straße und nr|straße und hausnr|strasse nr|
        adresszeile|adresszeile 1|adresszeile 2|hausnummer|hausnr|house number|street number|
        apartment|postanschrift|wohnadresse|wohnanschrift|address street|street line 1|
        street line 2|address street 1|residential address|home street|adresse postale complète|
        adresse ligne 1|adresse ligne 2|complément d adresse|n et rue|numéro et rue|indirizzo|
        via e numero|indirizzo di residenza|endereço|morada|rua|logradouro|calle y número|
        dirección postal|domicilio particular|adres|straat|straatnaam|straat en huisnummer|
        huisnummer|ulica|ulica i numer|adresa|ulice|adress|gatuadress|gata|postadress|
        gateadresse|gadeadresse|vejnavn|osoite|katuosoite|lähiosoite|utca|cím|lakcím|adresă|
        strada|sokak|açık adres|διεύθυνση|οδός|عنوان|العنوان|الشارع|כתובת|רחוב|адрес|улица|
        адрес проживания|почтовый адрес|адреса|вулиця|주소|도로명주소|住所|番地|住所1|住所2|
        住所 1|住所 2|現住所|通讯住址|家庭地址|收货地址|送货地址|居住地址|địa chỉ|ที่อยู่|
        alamat|alamat rumah""",
    "city": """
        縣市|
        city|town|suburb|locality|city name|city town|城市|市|所在城市|ort|stadt|wohnort|ville|
        commune|localité|ciudad|localidad|población|municipio|città|comune|cidade|município|
        plaats|woonplaats|stad|gemeente|miasto|miejscowość|město|obec|postort|poststed|kaupunki|
        postitoimipaikka|település|város|oraș|şehir|ilçe|πόλη|المدينة|مدينة|עיר|город|
        населенный пункт|місто|도시|시|市区町村|市町村|所在市|地级市|thành phố|จังหวัด เมือง|
        kota|ortschaft|wohnsitz""",
    "region": """
        bundesland kanton|dép région|province code|state code|provincia o estado|
        region|state|province|county|state province|state region|administrative area|省|省份|
        地区|省市|州|所在省份|bundesland|kanton|région|département|provincia|estado|
        comunidad autónoma|regione|regio|provincie|uf|województwo|län|fylke|maakunta|megye|
        județ|pokrajina|bölge|περιοχή|νομός|المنطقة|المحافظة|מחוז|область|регион|край|시도|도|
        都道府県|省市区|tỉnh|provinsi|département région""",
    "postal_code": """
        postal code|postcode|post code|zip|zip code|zipcode|zip postal code|邮编|邮政编码|
        郵遞區號|plz|postleitzahl|code postal|cp|código postal|codigo postal|cap|cod postal|
        código post|cep|código de endereçamento postal|codice postale|c a p|kod pocztowy|
        postnummer|postnr|postinumero|psč|irányítószám|cod poștal|posta kodu|poštni številka|
        ταχυδρομικός κώδικας|τκ|τ κ|الرمز البريدي|מיקוד|индекс|почтовый индекс|поштовий індекс|
        우편번호|郵便番号|郵政編碼|邮政代码|pin code|pincode|eircode|postal|mã bưu điện|
        รหัสไปรษณีย์|kode pos|post kod""",
    "country": """
        land region|pays région|país o región|paese area geografica|
        country|country name|country code|nation|country region|国家|国别|国家地区|国家代码|
        國家|land|staat|ländercode|pays|code pays|país|pais|paese|nazione|stato nazione|
        país de residencia|pays de résidence|kraj zamieszkania|země|krajina|maa|ország|țară|
        ülke|χώρα|الدولة|البلد|دولة|ארץ|מדינה|страна|країна|국가|나라|国名|所在国家|所在国|
        国家或地区|国|quốc gia|ประเทศ|negara|wohnsitzland|country of residence|country iso|
        country iso2|iso country code|landkod|valsts""",
    "language": """
        language|preferred language|lang|locale|语言|首选语言|語言|sprache|langue|idioma|taal|
        voorkeurstaal|lingua|idioma preferido|język|språk|sprog|kieli|nyelv|limbă|dil|γλώσσα|
        اللغة|שפה|язык|мова|언어|言語|ngôn ngữ|bahasa""",
    "job_title": """
        organization title|organisation title|
        job title|jobtitle|job|position|role|function|occupation|profession|title at work|职位|
        职务|岗位|职称|頭銜|beruf|stellung|berufsbezeichnung|funktion|fonction|poste|métier|
        cargo|puesto|profesión|functie|beroep|funzione|qualifica|ruolo|profissão|ocupación|
        stanowisko|zawód|yrke|stilling|ammatti|tehtävä|beosztás|meslek|ünvan|επάγγελμα|
        المسمى الوظيفي|الوظيفة|תפקיד|должность|профессия|посада|직책|직업|직위|職業|役職|
        部署 役職|chức vụ|jabatan|pekerjaan|工作职位""",
    "preferred_channel": """
        preferred channel|channel|contact channel|preferred contact|preferred contact method|
        contact preference|首选渠道|联系渠道|首选联系方式|偏好渠道|bevorzugter kanal|kontaktweg|
        canal préféré|canal preferido""",
    "stage": """
        stage|customer stage|lifecycle stage|life cycle stage|status|customer status|阶段|
        客户阶段|客户状态|状态|phase|kundenstatus|statut|étape|estado del cliente|etapa""",
    "tags": """
        categories|kategorien|catégories|categorías|categorie|group membership|
        tags|tag|labels|label|keywords|标签|客户标签|標籤|schlagworte|schlagwörter|étiquettes|
        etiquetas|etiquette|tagi|etichette|ラベル|タグ|태그|метки|теги""",
    "employer": """
        employer|employer name|workplace|works for|works at|雇主|工作单位|任职公司|所在公司|
        就职公司|所属公司|arbeitgeber|employeur|empleador|werkgever|datore di lavoro|empregador|
        pracodawca|arbetsgivare|arbeidsgiver|arbejdsgiver|työnantaja|işveren|εργοδότης|
        место работы|работодатель|место роботи|직장|직장명|勤務先|勤め先|勤务单位|就职单位|
        服务单位""",
    "owner": """
        owner|customer owner|account owner|record owner|account manager|account rep|
        relationship manager|sales rep|sales representative|salesperson|sales person|sales owner|
        assigned to|assignee|responsible|responsible person|负责人|客户经理|业务员|销售员|
        销售负责人|
        归属人|跟进人|負責人|業務員|betreuer|kundenbetreuer|zuständig|verantwortlich|
        verantwortlicher|responsable|responsable commercial|chargé de clientèle|commercial|
        comercial|agente comercial|propietario|responsabile|accountmanager|ответственный|
        менеджер|担当者|営業担当|담당자""",
    "last_confirmed_at": """
        last confirmed|last confirmed at|last confirmed on|confirmed at|confirmed on|
        last verified|last verified at|verified at|verified on|last checked|data confirmed|
        zuletzt bestätigt|bestätigt am|zuletzt geprüft|dernière confirmation|confirmé le|
        dernière vérification|última confirmación|confirmado el|última verificación|
        ultima conferma|最近确认|最后确认|确认日期|最近核实|核实日期|最終確認|最終確認日""",
    "notes": """
        note|notes|comment|comments|remark|remarks|memo|description|free text|备注|说明|注释|
        附注|描述|備註|notiz|notizen|bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|
        remarque|remarques|commentaire|commentaires|nota|notas|observaciones|comentarios|
        annotation|annotations|opmerking|opmerkingen|note interne|annotazioni|observações|
        observacao|uwagi|notatki|poznámka|poznámky|anteckning|anteckningar|kommentarer|merknad|
        bemærkning|bemærkninger|huomautus|huomautukset|megjegyzés|observații|napomena|notlar|
        açıklama|σημειώσεις|παρατηρήσεις|σχόλια|ملاحظات|ملاحظة|הערות|הערה|примечание|примечания|
        комментарий|комментарии|заметки|примітка|примітки|비고|메모|備考|メモ|ノート|注記|
        ghi chú|หมายเหตุ|catatan|customer notes|internal notes|notes comments|zusatzinfo|
        hinweis|hinweise""",
    "external_id": """
        id|customer id|customer number|customer no|cust id|client id|client number|record id|
        rec id|unique id|external id|externalid|reference|ref|contact id|account id|uid|uuid|
        编号|客户编号|客户号|客户id|会员号|会员编号|客戶編號|kundennummer|kunden nr|kundennr|
        kunden id|numéro client|numéro de client|n client|identifiant|id client|
        número de cliente|id cliente|código de cliente|顧客番号|顧客id|顧客コード|会员id|
        会员卡号|código cliente|codice cliente|id cliente esterno|klantnummer|klantnr|
        kundnummer|kundenummer|asiakasnumero|numer klienta|číslo zákazníka|müşteri no|
        код клиента|id клиента|номер клиента|고객번호|고객 번호|고객id|customer code|
        customer key|customer ref|external key|external reference|crm id|legacy id|member id|
        member number|membership number|kundenkennung|mitgliedsnummer|n de client""",
}
