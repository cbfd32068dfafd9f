# SPDX-License-Identifier: Apache-2.0
"""What a case management system does to use its organisation's node.

    python examples/case_system.py cases.db            hand over, compare, show, and end
    python examples/case_system.py cases.db --follow   stay, and show what comes

The system has a database of its own; here it is SQLite with two tables::

    calls(id, country)
    contacts(call, who, kind, value)

The node must be serving on this machine (``casethread serve``). It is found through
``CASETHREAD_HOME``, like by the command. Nothing is printed that identifies anybody: a match
is a question to a person, who opens the case in the system itself.
"""

import argparse
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import federation
from federation import Case, CasethreadError, Kind, LocalNode, Match, Subject
from federation.errors import InputError, NodeUnavailableError

SOURCE = "example-case-system"
"""Names this system to the node: ids of two systems never meet."""

# Only what the caseworkers have marked as the other side's; a caller's own number stays here.
WHO = {"recruiter": Subject.RECRUITER, "driver": Subject.FACILITATOR, "office": Subject.BUSINESS}
WHAT = {"phone": Kind.PHONE, "email": Kind.EMAIL, "plate": Kind.VEHICLE}


def cases(database: sqlite3.Connection) -> Iterator[Case]:
    """Read the system's own table. All of it, each time: what the node has it ignores."""
    contacts = "SELECT who, kind, value FROM contacts WHERE call = ? ORDER BY rowid"
    for call, country in database.execute("SELECT id, country FROM calls ORDER BY id"):
        case = Case(str(call), region=country)
        for who, kind, value in database.execute(contacts, (call,)):
            if who in WHO and kind in WHAT:
                case = case.add(WHAT[kind], value, WHO[who], field=kind)
        yield case


def hand_over(node: LocalNode, database: sqlite3.Connection) -> None:
    """Give the node what is new or corrected, and take back what was deleted since."""
    database.execute("CREATE TABLE IF NOT EXISTS handed_over (call TEXT PRIMARY KEY)")
    # Noted before it is sent: what was sent and not noted could never be taken back.
    database.execute("INSERT OR IGNORE INTO handed_over SELECT CAST(id AS TEXT) FROM calls")
    database.commit()
    done = node.put_cases(cases(database), source=SOURCE)
    gone = "SELECT call FROM handed_over WHERE call NOT IN (SELECT CAST(id AS TEXT) FROM calls)"
    for (call,) in database.execute(gone).fetchall():
        node.delete_case(call, source=SOURCE)
        database.execute("DELETE FROM handed_over WHERE call = ?", (call,))
        database.commit()
    print(f"{done.new} new calls, {done.changed} corrected, {done.unchanged} as before")


def show(match: Match) -> None:
    """Tell the caseworker of a call that there is somebody to talk to."""
    if match.proven:
        print(f"call {match.case}: {match.member} knows this {match.subject}'s {match.field} too")
    else:
        print(f"call {match.case}: a match with {match.member} waits for your decision")


def follow(node: LocalNode, database: sqlite3.Connection, *, stay: bool) -> None:
    """Show what happened since the last time, and go on from there the next time."""
    database.execute("CREATE TABLE IF NOT EXISTS seen (position TEXT)")
    row = database.execute("SELECT position FROM seen").fetchone()
    position = row[0] if row else ""
    while True:
        try:
            for event in node.watch(position, follow=stay):
                if event.match is not None and event.match.source == SOURCE:
                    show(event.match)
                if event.agreement is not None:
                    print(f"agreement '{event.agreement.title}': {event.agreement.status}")
                position = event.position
                # Kept after it was shown: after a crash an event comes again, none is missed.
                database.execute("DELETE FROM seen")
                database.execute("INSERT INTO seen VALUES (?)", (position,))
                database.commit()
        except NodeUnavailableError:
            if not stay:
                raise
            time.sleep(5)  # the node restarts; `node` finds it again by itself
        except InputError:
            if not position:
                raise
            position = ""  # the node's database is another one: a backup was restored
        else:
            return


def main() -> int:
    """Do it once, or stay."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("database")
    parser.add_argument("--follow", action="store_true", help="stay and show what comes")
    options = parser.parse_args()
    try:
        with closing(sqlite3.connect(options.database)) as database, federation.connect() as node:
            hand_over(node, database)
            for left_out in node.not_tokenised():
                if left_out.reason:
                    print(f"call {left_out.case_id}: {left_out.kind} left out: {left_out.reason}")
            report = node.sync()
            for partner, error in report.sent.failures:
                print(f"{partner} could not be reached: {error}")
            follow(node, database, stay=options.follow)
    except CasethreadError as error:
        print(
            f"error: {error}\nnext:  {error.next_step or 'see casethread doctor'}", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
