# SPDX-License-Identifier: Apache-2.0
"""Importing a spreadsheet: hand it over, say what its columns mean, try, import, undo."""

from typing import Final

from starlette.responses import Response

from federation.errors import InputError
from federation.indicators import Subject
from federation.member import StaffAction
from federation_node.actions import intake, sheets
from federation_node.actions.intake import Imported
from federation_node.console.jobs import Job
from federation_node.console.visit import Visit, get, post
from federation_node.console.words import N_

__all__: list[str] = []

_FRAME: Final = 64 * 1024
"""What a form takes beside its file."""


@get("/imports", StaffAction.CASE_IMPORTS)
def listing(visit: Visit) -> Response:
    """List the imports, and take a new sheet."""
    runs = intake.list_imports(visit.context)
    return visit.render(
        "imports.html", runs=[(one.stored, intake.forget_until(one.stored)) for one in runs[:50]]
    )


@post("/imports", StaffAction.CASE_IMPORT, largest=sheets.LARGEST + _FRAME)
def hand_over(visit: Visit) -> Response:
    """Take a sheet in; nothing is imported yet."""
    file = visit.files.get("sheet")
    if file is None or not file.filename:
        raise InputError("no file was chosen", next_step="go back, and choose a spreadsheet")
    name = sheets.keep(visit.context, file.file, visit.text("source", 64) or "csv")
    return visit.go(f"/imports/sheets/{name}")


@post("/imports/undo", StaffAction.CASE_IMPORT)
def undo(visit: Visit) -> Response:
    """Take an import back."""
    intake.undo_import(visit.context, visit.text("run", 20))
    return visit.go("/imports", done="undone")


@get("/imports/sheets/{name}", StaffAction.CASE_IMPORT)
def columns(visit: Visit) -> Response:
    """Show the columns beside sample values."""
    sheet = sheets.show(visit.context, visit.parts["name"])
    return visit.render("columns.html", sheet=sheet, kinds=sheets.KINDS, subjects=list(Subject))


@post("/imports/sheets/{name}", StaffAction.CASE_IMPORT)
def begin(visit: Visit) -> Response:
    """Keep what the columns mean, then try or import."""
    context, name = visit.context, visit.parts["name"]
    if "case_id" in visit.form:
        sheets.choose(
            context,
            name,
            visit.form["case_id"],
            visit.form.get("country", ""),
            visit.form.get("region", ""),
            {
                at: (visit.form.get(f"kind-{at}", ""), visit.form.get(f"subject-{at}", ""))
                for at in range(256)
            },
        )
    dry_run = visit.text("do") != "import"

    def work(job: Job) -> Imported:
        return sheets.run(context, name, dry_run=dry_run, progress=job.move)

    about = N_("Trial") if dry_run else N_("Import")
    return visit.go(f"/work/{visit.jobs.begin(visit.account, about, work)}", sheet=name)


@post("/imports/sheets/{name}/drop", StaffAction.CASE_IMPORT)
def drop(visit: Visit) -> Response:
    """Remove a sheet that was not imported."""
    sheets.drop(visit.context, visit.parts["name"])
    return visit.go("/imports")


@get("/imports/sheets/{name}/errors", StaffAction.CASE_IMPORT)
def errors(visit: Visit) -> Response:
    """Hand over the rows that could not be read."""
    return Response(
        sheets.errors_file(visit.context, visit.parts["name"]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=casethread-errors.csv"},
    )
