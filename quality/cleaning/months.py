"""Names of months in the languages customers' files are written in."""

from __future__ import annotations

from quality.cleaning.vocabulary import numbered

# One list per month. A word that means different months in two languages (Polish and Croatian
# `listopad`, say) must stand in both lists: `numbered` then drops it.
MONTHS = numbered(
    "january | jan | januar | jänner | janvier | janv | enero | ene | gennaio | gen | janeiro"
    "| januari | январь | января | янв | ocak | stycznia | styczeń | sty | ιανουαρίου | يناير",
    "february | feb | februar | feber | février | févr | fév | fevrier | febrero | febbraio"
    "| fevereiro | fev | februari | февраль | февраля | фев | şubat | lutego | luty | فبراير",
    "march | mar | märz | mär | mrz | mars | marzo | março | marco | maart | mrt | март | марта"
    "| mart | marca | marzec | مارس",
    "april | apr | avril | avr | abril | abr | aprile | апрель | апреля | апр | nisan"
    "| kwietnia | kwiecień | kwi | أبريل | ابريل",
    "may | mai | mayo | maggio | mag | maio | mei | maj | май | мая | mayıs | maja | مايو",
    "june | jun | juni | juin | junio | giugno | giu | junho | июнь | июня | июн | haziran"
    "| czerwca | czerwiec | cze | يونيو",
    "july | jul | juli | juillet | juil | julio | luglio | lug | julho | июль | июля | июл"
    "| temmuz | lipca | lipiec | يوليو",
    "august | aug | août | aout | agosto | ago | augustus | augusti | август | августа | авг"
    "| ağustos | sierpnia | sierpień | sie | أغسطس | اغسطس",
    "september | sep | sept | septembre | septiembre | setiembre | settembre | set | setembro"
    "| сентябрь | сентября | сен | сент | eylül | września | wrzesień | wrz | سبتمبر",
    "october | oct | oktober | okt | octobre | octubre | ottobre | ott | outubro | out"
    "| октябрь | октября | окт | ekim | października | październik | paź | أكتوبر | اكتوبر",
    "november | nov | novembre | noviembre | novembro | ноябрь | ноября | ноя | нояб | kasım"
    "| listopada | نوفمبر",
    "december | dec | dezember | dez | décembre | déc | decembre | diciembre | dic | dicembre"
    "| dezembro | декабрь | декабря | дек | aralık | grudnia | grudzień | gru | ديسمبر",
)
