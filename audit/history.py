"""django-simple-history, with its verified holes closed.

The stock record is made after the transaction, from what the instance holds in memory, by opening
and sealing again every protected value. Ours is the row as stored (see `audit.recording`). The
author is kept as text and bare id, so it outlives the member of staff, and a history row can be
neither changed nor deleted through the ORM.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoricalQuerySet
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from audit.context import Door
from audit.recording import CHANGED, CREATED, DELETED, is_recorded_already, record
from encryption.fields import BlindIndexField
from encryption.models import ProtectedModel, ProtectedQuerySet
from encryption.sealed import sealed_values, takes_tokens


class HistoryIsFinal(TypeError):
    """Somebody tried to change or delete what happened."""

    def __init__(self) -> None:
        super().__init__("A history row is written once and never changed or deleted.")


class HistoryQuerySet(HistoricalQuerySet, ProtectedQuerySet[Any]):
    """Reads only."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsFinal

    update = delete = create = bulk_create = bulk_update = _refuse
    get_or_create = update_or_create = _raw_delete = _refuse

    def latest_of_each(self) -> Self:
        """The newest row of each object. Of rows with one date the later written is the newer;
        the stock method gives them all."""
        key = self._pk_attr
        newer = self.model._base_manager.filter(
            Q(history_date__gt=OuterRef("history_date"))
            | Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id")),
            **{key: OuterRef(key)},
        )
        if self._as_of is not None:
            newer = newer.filter(history_date__lte=self._as_of)
        return self.filter(~Exists(newer))


class HistoryRow(ProtectedModel):
    """What every history table has beside the columns of its model."""

    history_actor_id = models.UUIDField(_("who (id)"), null=True, editable=False)
    history_actor = models.CharField(_("who"), max_length=255, editable=False)
    history_door = models.CharField(_("how"), max_length=16, choices=Door.choices, editable=False)
    history_request_id = models.UUIDField(_("request"), editable=False)

    objects: ClassVar[Any] = HistoryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsFinal

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsFinal


class History(HistoricalRecords):
    """Stands on a base model (`inherit=True`) or is handed to simple_history's `register()`."""

    # The key is a UUIDv7: it orders by time, so an index on the date would say the same again.
    _date_indexing = False

    def __init__(self, **options: Any) -> None:
        super().__init__(
            bases=(HistoryRow,),
            history_id_field=models.UUIDField(default=uuid7, editable=False),
            history_change_reason_field=models.TextField(_("why"), blank=True, default=""),
            historical_queryset=HistoryQuerySet,
            **options,
        )

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """No `save_without_historical_record`: there is no such save."""

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        """A proxy shares the history of the model it stands for."""
        if not sender._meta.proxy:
            super().finalize(sender, **kwargs)
            return
        if not (self.inherit and issubclass(sender, self.cls)):
            return
        concrete: Any = sender._meta.concrete_model
        sender._meta.simple_history_manager_attribute = (  # type: ignore[attr-defined]
            concrete._meta.simple_history_manager_attribute
        )
        models.signals.post_save.connect(self.post_save, sender=sender, weak=False)
        models.signals.pre_delete.connect(self.pre_delete, sender=sender, weak=False)

    def fields_included(self, model: Any) -> list[Any]:
        return [
            field
            for field in super().fields_included(model)
            if not isinstance(field, BlindIndexField) and not field.generated
        ]

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        """Without an index for each column: history is read by row, and each index is a write."""
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.db_index = False
        return fields

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {}

    def get_extra_fields(self, model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        for name in ("revert_url", "next_record", "prev_record", "get_default_history_user"):
            del extra[name]

        def instance(row: Any) -> models.Model:
            """The object as it was, its protected values still sealed."""
            with sealed_values():
                values = {field.attname: getattr(row, field.attname) for field in fields.values()}
            was = model(**values)
            was._state.adding = False
            was._history = row  # type: ignore[attr-defined]
            return was

        def text(row: Any) -> str:
            return f"{model._meta.verbose_name} {getattr(row, model._meta.pk.attname)}"

        return extra | {
            "instance": property(instance),
            "history_object": property(instance),
            "__str__": text,
        }

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        key = model._meta.pk.attname
        options: dict[str, Any] = super().get_meta_options(model)
        # What belongs to another row, deleted or not, is found from there: `history_of` names the
        # foreign key.
        found_by = filter(None, (key, getattr(model, "history_of", None)))
        return options | {
            "default_permissions": ("view",),
            "indexes": tuple(
                models.Index(fields=(name, "history_date", "history_id")) for name in found_by
            ),
        }

    def post_save(
        self, instance: Any, created: bool, using: str | None = None, **kwargs: Any
    ) -> None:
        """Also for a raw save: a row that came in without a record is a row nobody can account
        for. Those of `loaddata` are recorded when all are there (`audit.loading`)."""
        if kwargs.get("raw") and takes_tokens():
            return
        history_type = CREATED if created else CHANGED
        self.create_historical_record(instance, history_type, using=using)

    def pre_delete(self, instance: Any, using: str | None = None, **kwargs: Any) -> None:
        """Before and not after: the row that goes is copied from where it stands."""
        if not is_recorded_already(instance):
            self.create_historical_record(instance, DELETED, using=using)

    def post_delete(self, instance: Any, using: str | None = None, **kwargs: Any) -> None:
        pass

    def create_historical_record(
        self, instance: Any, history_type: str, using: str | None = None
    ) -> None:
        using = using or instance._state.db
        with transaction.atomic(using=using, savepoint=False):
            record(instance._meta.concrete_model, [instance.pk], history_type, using=using)
