"""Forms of the desk: the log box, planning a follow-up, and the two change forms."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from customers import due
from customers.interactions import Plan, who_can_do_it
from customers.models import FollowUp, Interaction
from customers.models.choices import Direction, InteractionKind
from customers.models.interactions import LONGEST_CALL
from quality.validators import FREE_TEXT
from staff.models import User

LONGEST_TEXT = 20_000
LONGEST_TASK = 250
# A clock that is a little fast is no reason to refuse.
FAST_CLOCK = timedelta(minutes=10)
LOCAL_MOMENT = "%Y-%m-%dT%H:%M"
NOT_YET = _("This is still to come. What is planned is a follow-up.")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=LOCAL_MOMENT)


class FollowUpFields(forms.Form):
    """What, when and who. `required` says whether it may be left out altogether."""

    must_plan = False

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    what = forms.CharField(
        label=_("What"),
        required=False,
        max_length=LONGEST_TASK,
        validators=FREE_TEXT,
        # The placeholder tells the style sheet that nothing was typed.
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": " "}),
    )
    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=(("", _("Not set")), *due.When.choices),
        widget=forms.RadioSelect,
    )
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput)
    hour = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=HourInput,
        help_text=_("Empty: any time of the day."),
    )
    who = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "log_%s", **kwargs})
        self.user = user
        who: Any = self.fields["who"]
        who.queryset = who_can_do_it()
        who.empty_label = _("Me") if self.user_can_do_it() else "—"

    def user_can_do_it(self) -> bool:
        return self.user.has_perm("customers.change_followup")

    def clean_submission(self) -> Any:
        """Ours is a UUIDv7; another would let somebody choose a key."""
        submission = self.cleaned_data["submission"]
        if submission.version != 7:
            raise ValidationError(_("Open this page again."))
        return submission

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        what, when, day = (cleaned.get(name) for name in ("what", "when", "day"))
        planned = bool(what or when or day or self.must_plan)
        if planned and not what and "what" not in self.errors:
            self.add_error("what", _("Say what is to be done."))
        if planned and "day" not in self.errors and self._day() is None:
            self.add_error("day" if when else "when", _("Say when: choose one, or pick a day."))
        if planned and not cleaned.get("who") and not self.user_can_do_it():
            self.add_error("who", _("Choose who does it."))
        cleaned["plans"] = planned
        return cleaned

    def _day(self) -> date | None:
        """A day that was picked counts, whether or not “pick a day” was chosen."""
        chosen = self.cleaned_data.get("when") or due.When.PICK
        return due.day_of(chosen, self.cleaned_data.get("day"))

    @property
    def plan(self) -> Plan | None:
        """What was asked for; call it on a valid form."""
        day = self._day()
        if not self.cleaned_data["plans"] or day is None:
            return None
        hour: time | None = self.cleaned_data.get("hour")
        due_at = due.at(day, hour) if hour else due.whole_day(day)
        return Plan(self.cleaned_data["what"], due_at, self.cleaned_data["who"] or self.user)


class PlanForm(FollowUpFields):
    """A follow-up without a conversation."""

    must_plan = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when: Any = self.fields["when"]
        when.choices = due.When.choices
        when.initial = due.When.TOMORROW


class LogForm(FollowUpFields):
    """What was said, and what is to be done next. Everything but the text has an answer already."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=InteractionKind.choices,
        initial=InteractionKind.CALL,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What was said"),
        required=False,
        max_length=LONGEST_TEXT,
        validators=FREE_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    direction = forms.ChoiceField(
        label=_("Who began"),
        choices=((Direction.OUT, _("We")), (Direction.IN, _("The customer"))),
        initial=Direction.OUT,
        required=False,
        widget=forms.RadioSelect,
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), required=False, min_value=0, max_value=LONGEST_CALL
    )
    happened_at = forms.DateTimeField(
        label=_("Happened"),
        required=False,
        input_formats=[LOCAL_MOMENT, "%Y-%m-%dT%H:%M:%S"],
        widget=MomentInput,
        help_text=_("Empty: just now."),
    )

    def clean_happened_at(self) -> datetime | None:
        happened: datetime | None = self.cleaned_data["happened_at"]
        if happened and happened > timezone.now() + FAST_CLOCK:
            raise ValidationError(NOT_YET)
        return happened

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_note = cleaned.get("kind") == InteractionKind.NOTE
        if is_note and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", _("A note needs its text."))
        return cleaned


class InteractionForm(forms.ModelForm):
    """Correcting what was written down."""

    class Meta:
        model = Interaction
        fields = ("kind", "direction", "happened_at", "minutes", "text")

    happened_at = forms.DateTimeField(
        label=_("When"),
        input_formats=[LOCAL_MOMENT, f"{LOCAL_MOMENT}:%S"],
        widget=MomentInput({"class": "desk-input"}),
    )

    def clean_happened_at(self) -> datetime:
        """The input knows minutes: the same minute is the moment that stands."""
        happened: datetime = self.cleaned_data["happened_at"]
        stands = self.instance.happened_at
        if stands and stands.replace(second=0, microsecond=0) == happened:
            return stands
        if happened > timezone.now() + FAST_CLOCK:
            raise ValidationError(NOT_YET)
        return happened


class DueWidget(forms.MultiWidget):
    """A day, and a time that may stay empty."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        day = DayInput({"class": "desk-input", "aria-label": _("Day")})
        hour = HourInput({"class": "desk-input", "aria-label": _("Time")})
        super().__init__({"day": day, "hour": hour}, attrs)

    def decompress(self, value: datetime | None) -> list[Any]:
        if value is None:
            return [None, None]
        local = timezone.localtime(value)
        return [local.date(), None if due.is_whole_day(value) else local.time()]


class DueField(forms.MultiValueField):
    """A moment from a day and perhaps a time; without one any time of that day is meant."""

    widget = DueWidget

    def __init__(self, **options: Any) -> None:
        parts = (forms.DateField(), forms.TimeField(required=False))
        super().__init__(fields=parts, require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> datetime | None:
        if not data_list or not data_list[0]:
            return None
        day, hour = data_list
        return due.at(day, hour) if hour else due.whole_day(day)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as moments: the inputs know minutes, the row seconds."""
        try:
            return self.to_minute(initial) != self.to_minute(self.clean(data))
        except ValidationError:
            return True

    @staticmethod
    def to_minute(moment: datetime | None) -> datetime | None:
        return moment and moment.replace(second=0, microsecond=0)


class FollowUpForm(forms.ModelForm):
    due_at = DueField(label=_("Due"), help_text=_("Without a time it is due any time of the day."))

    class Meta:
        model = FollowUp
        fields = ("what", "due_at", "assigned_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "assigned_to" in self.fields:
            who: Any = self.fields["assigned_to"]
            # Who has it now stays to be seen, even if they left.
            now = User.objects.filter(pk=self.instance.assigned_to_id)
            who.queryset = User.objects.filter(pk__in=who_can_do_it().order_by().values("pk")) | now
            who.required = True
