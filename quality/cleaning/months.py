"""Names of months in the languages customers' files are written in."""

from __future__ import annotations

from quality.cleaning.vocabulary import numbered

# One list per month. A word that means different months in two languages (Polish and Croatian
# `listopada`) must stand in both lists: `numbered` then drops it.
_WORDS = numbered(
    "january | jan | januar | jänner | janvier | janv | enero | ene | gennaio | gen | janeiro"
    "| januari | январь | января | янв | ocak | stycznia | styczeń | sty | ιανουαρίου | يناير"
    "| ιανουάριος | ledna | leden | januára | januarja | januara | siječnja | січня | ianuarie"
    " | tammikuuta | január | ינואר | בינואר | gener",
    "february | feb | februar | feber | février | févr | fév | fevrier | febrero | febbraio"
    "| fevereiro | fev | februari | февраль | февраля | фев | şubat | lutego | luty | فبراير"
    "| φεβρουαρίου | φεβρουάριος | února | únor | februára | februarja | februara | veljače"
    "| лютого | februarie | helmikuuta | február | פברואר | בפברואר | febrer",
    "march | mar | märz | mär | mrz | mars | marzo | março | marco | maart | mrt | март | марта"
    "| mart | marca | marzec | مارس | marts | μαρτίου | μάρτιος | března | březen | ožujka"
    "| березня | martie | maaliskuuta | március | מרץ | במרץ | maret | març",
    "april | apr | avril | avr | abril | abr | aprile | апрель | апреля | апр | nisan"
    "| kwietnia | kwiecień | kwi | أبريل | ابريل | απριλίου | απρίλιος | dubna | duben | apríla"
    "| aprila | travnja | квітня | aprilie | huhtikuuta | április | אפריל | באפריל",
    "may | mai | mayo | maggio | mag | maio | mei | maj | май | мая | mayıs | maja | مايو"
    "| μαΐου | μάιος | května | květen | mája | svibnja | травня | toukokuuta | május | מאי | במאי"
    "| maig",
    "june | jun | juni | juin | junio | giugno | giu | junho | июнь | июня | июн | haziran"
    "| czerwca | czerwiec | cze | يونيو | ιουνίου | ιούνιος | června | červen | júna | junija"
    "| lipnja | червня | iunie | kesäkuuta | június | יוני | ביוני | juny",
    "july | jul | juli | juillet | juil | julio | luglio | lug | julho | июль | июля | июл"
    "| temmuz | lipca | lipiec | يوليو | ιουλίου | ιούλιος | července | červenec | júla | julija"
    "| srpnja | липня | iulie | heinäkuuta | július | יולי | ביולי | juliol",
    "august | aug | août | aout | agosto | ago | augustus | augusti | август | августа | авг"
    "| ağustos | sierpnia | sierpień | sie | أغسطس | اغسطس | αυγούστου | αύγουστος | srpna"
    "| augusta | avgusta | kolovoza | серпня | elokuuta | augusztus | אוגוסט | באוגוסט | agustus"
    "| agost",
    "september | sep | sept | septembre | septiembre | setiembre | settembre | set | setembro"
    "| сентябрь | сентября | сен | сент | eylül | września | wrzesień | wrz | سبتمبر"
    "| σεπτεμβρίου | σεπτέμβριος | září | septembra | rujna | вересня | septembrie | syyskuuta"
    "| szeptember | ספטמבר | בספטמבר | setembre",
    "october | oct | oktober | okt | octobre | octubre | ottobre | ott | outubro | out"
    "| октябрь | октября | окт | ekim | października | październik | paź | أكتوبر | اكتوبر"
    "| οκτωβρίου | οκτώβριος | října | říjen | októbra | oktobra | listopada | жовтня | octombrie"
    "| lokakuuta | október | אוקטובר | באוקטובר",
    "november | nov | novembre | noviembre | novembro | ноябрь | ноября | ноя | нояб | kasım"
    "| listopada | نوفمبر | νοεμβρίου | νοέμβριος | listopadu | novembra | studenoga | листопада"
    "| noiembrie | marraskuuta | נובמבר | בנובמבר",
    "december | dec | dezember | dez | décembre | déc | decembre | diciembre | dic | dicembre"
    "| dezembro | декабрь | декабря | дек | aralık | grudnia | grudzień | gru | ديسمبر"
    "| δεκεμβρίου | δεκέμβριος | prosince | prosinec | decembra | prosinca | грудня | decembrie"
    "| joulukuuta | דצמבר | בדצמבר | desember | desembre",
)
MONTHS = {word.casefold(): month for word, month in _WORDS.items()}
