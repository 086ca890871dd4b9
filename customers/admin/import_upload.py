"""The first page of an import: the upload, which is sealed as it comes in."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from customers.imports import batches
from customers.imports.reading import open_sealed
from customers.imports.upload import LARGEST_UPLOAD, MEGABYTE, SealedUpload, SealingUploadHandler
from customers.models import Source
from customers.models.imports import ImportBatch
from quality.reading import ENDINGS, FORMATS, UnreadableFile, open_table
from quality.validators import validate_no_control_characters
from staff.requests import member

ACCEPTED = (*(ending for ending, formats in ENDINGS.items() if formats), ".txt")


class UploadForm(forms.Form):
    """The file was sealed before this form saw it."""

    source = forms.CharField(
        label=_("Where does it come from?"),
        max_length=100,
        validators=[validate_no_control_characters],
        help_text=_("A system, list or event: web shop, trade fair 2026. A new name is fine."),
    )
    file = forms.FileField(label=_("File"), allow_empty_file=True)


class UploadPages:
    """Mixed into the admin of imports."""

    has_add_permission: Any
    page: Any
    find: Any

    @csrf_exempt
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Exempt only so that our upload handler is in place before the token is looked for.

        Who may not import is refused before a byte of the file is read.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        handler = SealingUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return self._upload(request, handler)
        finally:
            handler.drop_unless_taken()

    def _upload(self, request: HttpRequest, handler: SealingUploadHandler) -> HttpResponse:
        @csrf_protect
        def protected(request: HttpRequest) -> HttpResponse:
            form = UploadForm(request.POST or None, request.FILES or None)
            if request.method == "POST":
                batch = self._take(request, form, handler)
                if batch is not None:
                    return HttpResponseRedirect(
                        reverse("admin:customers_importbatch_columns", args=[batch.pk])
                    )
            context = {
                "form": form,
                "sources": Source.objects.values_list("name", flat=True)[:200],
                "formats": ", ".join(FORMATS.values()),
                "accepted": ",".join(ACCEPTED),
                "limit": LARGEST_UPLOAD // MEGABYTE,
            }
            return self.page(
                request, "customers/import/upload.html", _g("Import customers"), context
            )

        return protected(request)

    def _take(
        self, request: HttpRequest, form: UploadForm, handler: SealingUploadHandler
    ) -> ImportBatch | None:
        """A batch for the upload, or None with the reason at the field."""
        if handler.problem:
            form.errors.pop("file", None)
            form.add_error("file", handler.problem)
        if not form.is_valid():
            return None
        upload: SealedUpload = form.cleaned_data["file"]
        try:
            open_table(open_sealed(upload.sealed.name), upload.name or "")
        except UnreadableFile as problem:
            if not problem.question:  # which the next page asks
                form.add_error("file", str(problem))
                return None
        batch = batches.begin_upload(
            actor=member(request), upload=upload, source_name=form.cleaned_data["source"]
        )
        handler.taken = True
        return batch
