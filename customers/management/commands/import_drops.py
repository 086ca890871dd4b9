"""Looks into the drop places of sources and imports what is new."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.db import OperationalError

from audit.commands import ActorCommand, CouldNotBeDone, VerdictIsBad
from customers.drops import looking, taking
from customers.drops.met import PlaceProblem
from customers.models import DroppedFile, Source
from customers.models.drops import DropState
from jobs.models import State
from jobs.services import run_job


class Command(ActorCommand):
    """A file is imported once two looks, 20 seconds apart, met it with the same size and time.

    The scheduler looks every half minute; this looks now. Columns, country, order of dates and
    what happens to duplicates are as at the last import of the source. Nothing is moved or deleted
    in the drop place: what was imported is remembered.
    """

    help = "Look into the drop places of sources and import the files that are new and whole."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", help="Only this source (default: all with a drop place).")
        parser.add_argument(
            "--whole",
            action="store_true",
            help="Do not wait for the second look: nobody is writing there now.",
        )
        parser.add_argument("--dry-run", action="store_true", help="List, but import nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sources = self._sources(options["source"])
            work = self._list if options["dry_run"] else self._import
            results = [work(source, whole=options["whole"]) for source in sources]
        except OperationalError as problem:
            raise CouldNotBeDone(f"The database did not answer ({problem}). Try again.") from None
        self.write_json(results, options["json"])
        self._last_line(results, dry_run=options["dry_run"])

    def _sources(self, name: str | None) -> list[Source]:
        if name is None:
            return list(looking.sources_with_drops())
        source = Source.objects.filter(name__iexact=name).first()
        if source is None or not source.drop:
            known = ", ".join(source.name for source in looking.sources_with_drops()) or "none"
            raise CouldNotBeDone(
                f"There is no source {name!r} with a drop place. With one: {known}. "
                "Staff choose it on the page of the source."
            )
        return [source]

    def _list(self, source: Source, *, whole: bool) -> dict[str, Any]:
        try:
            met = looking.what_is_new(source)
        except (PlaceProblem, FileNotFoundError) as problem:
            return {"source": source.name, "problem": str(problem) or "no such folder", "files": []}
        return {"source": source.name, "problem": "", "files": [one.name for one in met]}

    def _import(self, source: Source, *, whole: bool) -> dict[str, Any]:
        quiet = timedelta(0) if whole else looking.QUIET
        look = looking.look_into(source, quiet=quiet)
        if whole and look is not None:
            look = looking.look_into(source, quiet=quiet)
        if look is None:
            return _busy(source, "the scheduler is looking there just now")
        result: dict[str, Any] = {"source": source.name, "met": look.met, "problem": look.problem}
        if look.whole and not look.problem:
            result |= self._take(source)
        result["arriving"] = _count(source, DropState.ARRIVING)
        return result

    def _take(self, source: Source) -> dict[str, Any]:
        job = looking.ask_to_take(actor=self.actor, source=source)
        if job is None:
            return _busy(source, "a worker is importing from there just now")
        job = run_job(job_id=job.pk)
        if job.state != State.DONE:
            return {"problem": job.error or job.message or taking.INTERRUPTED}
        return dict(job.result or {})

    def _last_line(self, results: list[dict[str, Any]], *, dry_run: bool) -> None:
        bad = 0
        for result in results:
            bad += bool(result["problem"] or result.get(DropState.REFUSED.value))
            found = f"{len(result['files'])} new" if dry_run else looking.in_words(result)
            self.say(f"{result['source']}: {result['problem'] or result.get('busy') or found}")
            for name in result.get("files", ())[:50]:
                self.say(f"    {name}")
        self.say(f"{len(results)} drop places looked into, {bad} with something to look after.")
        if bad:
            raise VerdictIsBad("Not everything came in; see above, and the page of the source.")


def _busy(source: Source, who: str) -> dict[str, Any]:
    """Nothing is wrong: what is there comes in all the same."""
    return {"source": source.name, "problem": "", "busy": who}


def _count(source: Source, state: DropState) -> int:
    return DroppedFile.objects.filter(source=source, state=state).count()
