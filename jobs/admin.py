"""The door for staff: their jobs, how far each is, and where its result is."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display

from jobs import doors, progress, services
from jobs.models import Job, State
from jobs.registry import permission_for, subjects_of
from staff.pages import ago, own_page


@admin.register(Job)
class JobAdmin(ModelAdmin):
    list_display = ("what", "actor", "state_label", "how_far", "started", "took")
    list_filter = ("state",)
    list_select_related = ("actor",)
    list_per_page = 50
    ordering = ("-created_at",)
    list_disable_select_all = True
    nothing_yet = _("Imports and other work that takes a while stand here, with how far they are.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        jobs: QuerySet[Job] = super().get_queryset(request)
        if request.user.has_perm("jobs.view_job"):
            return jobs
        return jobs.filter(actor_id=request.user.pk)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"jobs_job_{name}")

        return [
            page("<uuid:job_id>/progress/", self.progress_view, "progress"),
            page("<uuid:job_id>/cancel/", require_POST(self.cancel_view), "cancel"),
            page("<uuid:job_id>/retry/", require_POST(self.retry_view), "retry"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one job is its progress: there is nothing to fill in."""
        job = self._visible(request, object_id)
        context = {
            "about": subjects_of([job]).get(job.pk, ""),
            "job": job,
            "now": progress.describe(job),
            "took": progress.duration_text(job),
            "result_url": progress.result_url(job),
            "subject_url": progress.subject_url(job),
            "may_steer": self.may_steer(request, job),
            **(extra_context or {}),
        }
        return own_page(self, request, "jobs/progress.html", str(job), context)

    def progress_view(self, request: HttpRequest, job_id: UUID) -> JsonResponse:
        """What the page's script asks for every second. Reads one row, writes nothing."""
        response = JsonResponse(progress.describe(self._visible(request, job_id)))
        response["Cache-Control"] = "no-store"
        return response

    def cancel_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        job = self._steerable(request, job_id)
        if services.cancel_job(job_id=job.pk):
            messages.success(request, _g("Cancelled. What was done until then stays done."))
        else:
            messages.info(request, _g("It had ended before it could be cancelled."))
        return self._back_to(job)

    def retry_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        job = self._steerable(request, job_id)
        if services.retry_job(job_id=job.pk):
            doors.wake(job)
            messages.success(request, _g("It goes on where it stopped."))
        else:
            messages.info(request, _g("It is already on its way, or done."))
        return self._back_to(job)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With what the jobs of the page are about, asked once for each kind."""
        page = super().get_changelist_instance(request)
        jobs = list(page.result_list)
        subjects = subjects_of(jobs)
        for job in jobs:
            job.about = subjects.get(job.pk, "")
        page.result_list = jobs
        return page

    @display(description=_("work"), ordering="kind")
    def what(self, job: Job) -> str:
        about = getattr(job, "about", "")
        return format_html("{} <small>{}</small>", job, about) if about else str(job)

    @display(
        description=_("state"),
        ordering="state",
        label={
            State.QUEUED: "info",
            State.RUNNING: "primary",
            State.DONE: "success",
            State.FAILED: "danger",
            State.CANCELLED: "warning",
        },
    )
    def state_label(self, job: Job) -> tuple[str, str]:
        return job.state, str(State(job.state).label)

    @display(description=_("progress"))
    def how_far(self, job: Job) -> str:
        found = progress.percent(job)
        parts = [progress.count(job), "" if found is None else f"{found} %"]
        return " · ".join(filter(None, parts)) or "—"

    @display(description=_("started"), ordering="started_at")
    def started(self, job: Job) -> str:
        return ago(job.started_at)

    @display(description=_("took"))
    def took(self, job: Job) -> str:
        return progress.duration_text(job) or "—"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Everybody sees the jobs they asked for."""
        if obj is None:
            return self.has_module_permission(request)
        return obj.actor_id == request.user.pk or request.user.has_perm("jobs.view_job")

    def may_steer(self, request: HttpRequest, job: Job) -> bool:
        """Cancel and retry: one's own, or anybody's with that permission; and what the job does
        must still be allowed, so that nobody starts again what they may no longer start."""
        own = job.actor_id == request.user.pk or request.user.has_perm("jobs.change_job")
        needed = permission_for(job.kind)
        return own and (not needed or request.user.has_perm(needed))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def _visible(self, request: HttpRequest, job_id: UUID | str) -> Job:
        job = self._find(job_id)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return job

    def _steerable(self, request: HttpRequest, job_id: UUID) -> Job:
        job = self._visible(request, job_id)
        if not self.may_steer(request, job):
            raise PermissionDenied
        return job

    def _find(self, job_id: UUID | str) -> Job:
        try:
            return Job.objects.select_related("actor").get(pk=UUID(str(job_id)))
        except (Job.DoesNotExist, ValueError):
            raise Http404(_g("There is no such job.")) from None

    def _back_to(self, job: Job) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[quote(job.pk)]))
