"""A column that finds a sealed value without opening any: keyed digest of its normal form.

HMAC-SHA256 cut to 128 bits, under a key derived from the ring's index key for this column and
this normal form, so that equal values in two columns have different digests. It tells who holds
the database which rows share a value, and nothing else; empty is NULL.
"""

from typing import Any

from django.db.models import BinaryField, Model

from encryption.errors import CannotOpen
from encryption.keyring import current_ring
from encryption.normal_forms import NORMAL_FORMS

INDEX_BYTES = 16
_FITS = "_index_fits_"


class BlindIndexField(BinaryField):  # type: ignore[type-arg]
    """Companion of the protected field `source` of the same model, kept fresh by saving it."""

    def __init__(self, source: str, *, normal_form: str, **kwargs: Any) -> None:
        if normal_form not in NORMAL_FORMS:
            raise ValueError(
                f"There is no normal form {normal_form!r}: use one of {sorted(NORMAL_FORMS)}."
            )
        self.source = source
        self.normal_form = normal_form
        kwargs |= {"max_length": INDEX_BYTES, "null": True, "editable": False, "db_index": True}
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("max_length", "null", "editable", "db_index"):
            kwargs.pop(implied, None)
        return name, path, [self.source, *args], kwargs | {"normal_form": self.normal_form}

    @property
    def source_field(self) -> Any:
        return self.model._meta.get_field(self.source)

    def digests(self, value: Any) -> tuple[bytes, ...]:
        """One for each index key in use, the active key's first; none if nothing is left of it."""
        field = self.source_field
        text = field.dump_text(field.prepared(value))
        normal = NORMAL_FORMS[self.normal_form](text).encode()
        if not normal:
            return ()
        purpose = f"index|{field.context}|{self.normal_form}"
        return tuple(key.mac(purpose, normal)[:INDEX_BYTES] for key in current_ring().indexing)

    def pre_save(self, instance: Model, add: bool) -> bytes | None:
        """Computed from the source. Of a source that does not open, the index stays as it was if
        the token did; of another token that does not open nobody knows the index."""
        sealed = self.source_field.pre_save(instance, add)
        state = instance.__dict__
        if self.is_fresh(instance) and self.attname in state:
            stored: bytes | None = state[self.attname]
            return stored
        digest = None
        if sealed is not None:
            try:
                digest = next(iter(self.digests(sealed.open())), None)
            except CannotOpen:
                same = self.attname not in state or state.get(_FITS + self.attname) == sealed
                digest = getattr(instance, self.attname) if same else None
        setattr(instance, self.attname, digest)
        self.mark_fresh(instance)
        return digest

    def mark_fresh(self, instance: Model) -> None:
        """Note that the index fits what the instance holds of the source now."""
        instance.__dict__[_FITS + self.attname] = instance.__dict__[self.source]

    def is_fresh(self, instance: Model) -> bool:
        """Whether the source is still the very token that the index was stored with."""
        state = instance.__dict__
        return state.get(_FITS + self.attname, state) is state.get(self.source)
