"""The closed lists of a customer's fields."""

import pycountry
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


class Stage(models.TextChoices):
    LEAD = "lead", _("Lead")
    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    FORMER = "former", _("Former customer")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    TEXT_MESSAGE = "text_message", _("Text message")
    MESSENGER = "messenger", _("Messenger")
    POST = "post", _("Post")


class IdType(models.TextChoices):
    """Kinds of ID number. All but the last two can be checked (`quality.validators.ID_CHECKS`)."""

    CN_RESIDENT_ID = "cn_resident_id", _("Chinese resident ID")
    US_SSN = "us_ssn", _("US social security number")
    ES_DNI = "es_dni", _("Spanish DNI")
    ES_NIE = "es_nie", _("Spanish NIE")
    FR_NIR = "fr_nir", _("French NIR")
    DE_IDNR = "de_idnr", _("German tax ID")
    IT_CODICE_FISCALE = "it_codice_fiscale", _("Italian tax code")
    NL_BSN = "nl_bsn", _("Dutch BSN")
    BE_NN = "be_nn", _("Belgian national number")
    PL_PESEL = "pl_pesel", _("Polish PESEL")
    SE_PERSONNUMMER = "se_personnummer", _("Swedish personal number")
    DK_CPR = "dk_cpr", _("Danish CPR number")
    FI_HETU = "fi_hetu", _("Finnish personal code")
    BR_CPF = "br_cpf", _("Brazilian CPF")
    TR_TCKN = "tr_tckn", _("Turkish identity number")
    KR_RRN = "kr_rrn", _("Korean resident number")
    CA_SIN = "ca_sin", _("Canadian SIN")
    PASSPORT = "passport", _("Passport")
    OTHER = "other", _("Other")


class ContactKind(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    MESSENGER = "messenger", _("Messenger")


class ContactUse(models.TextChoices):
    WORK = "work", _("work")
    HOME = "home", _("home")
    MOBILE = "mobile", _("mobile")
    OTHER = "other", _("other")


class Messenger(models.TextChoices):
    WECHAT = "wechat", "WeChat"
    WHATSAPP = "whatsapp", "WhatsApp"
    TELEGRAM = "telegram", "Telegram"
    SIGNAL = "signal", "Signal"
    LINE = "line", "LINE"
    VIBER = "viber", "Viber"
    TEAMS = "teams", "Microsoft Teams"
    OTHER = "other", _("another one")


class AddressUse(models.TextChoices):
    HOME = "home", _("Home")
    WORK = "work", _("Work")
    BILLING = "billing", _("Billing")
    DELIVERY = "delivery", _("Delivery")
    OTHER = "other", _("Other")


class InteractionKind(models.TextChoices):
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")
    MEETING = "meeting", _("Meeting")
    NOTE = "note", _("Note")


class Direction(models.TextChoices):
    """Who began."""

    IN = "in", _("from the customer")
    OUT = "out", _("from us")


def country_name(code: str) -> str:
    """The common English name of an ISO country; the code itself where there is none."""
    country = pycountry.countries.get(alpha_2=code)
    return getattr(country, "common_name", country.name) if country else code


def language_name(code: str) -> str:
    """The English name of a language; the code itself where there is none."""
    language = pycountry.languages.get(alpha_2=code)
    return language.name if language else code


# What says a code in words, by the name of the field it stands in.
WORDED = {"country": country_name, "language": language_name}
