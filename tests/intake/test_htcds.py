# SPDX-License-Identifier: Apache-2.0
"""Sheets in the Human Trafficking Case Data Standard, with the faults of its own template."""

from federation.indicators import Kind, Subject
from federation_node.intake import CsvRows, XlsxRows, guess
from tests.intake.workbooks import workbook

NAMES = (
    None, "cas_CaseOwner", "prs_FirstName", "con_Consent", "prs_Birthdate", "prs_Email",
    "prs_HomePhone", "prs_MobilePhone", "prs_MailingCity", "prs_MailingCountry",
    "prs_MailingState", "prs_MailingStreet", "prs_MailingPostalCode", "vic_TraffickingStatus",
    "vic_TraffickinStatusDecisionMakingOrg", "vic_MethodOfRecruitment", None,
    "Recruiter Instagram",
)  # fmt: skip
LABELS = (
    None, "Case Owner", "First Name", "Consent", "Birthdate", "Email", "Home Phone",
    "Mobile Phone", "Mailing Street", "Mailing City", "Mailing State/Province",
    "Mailing Zip/Postal Code", "Mailing Country", "Trafficking Status",
    "Trafficking Status Decision Making Organization", "Method of Recruitment",
    "Reason for Outgoing Referral", "",
)  # fmt: skip
"""The top of the published template, shortened, with one column of an organisation's own."""

PERSON = ("Ana", "TRUE", "1990-01-31", "ana@x.example", "+1 202 555 0143", "+1 202 555 0144")


def template(*rows: tuple[object, ...]) -> XlsxRows:
    """Fill in the template."""
    return XlsxRows(workbook([NAMES, LABELS, *rows]))


def test_the_label_decides():
    """Five names of the template stand over the wrong labels; what people fill in counts."""
    rows = template()

    assert rows.headers[8:13] == (
        "prs_MailingStreet",
        "prs_MailingCity",
        "prs_MailingState",
        "prs_MailingPostalCode",
        "prs_MailingCountry",
    )
    assert rows.headers[14] == "vic_TraffickingStatusDecisionMakingOrg"
    assert rows.headers[16] == "cas_ReasonForOutgoingReferral"
    assert sum("the label was believed" in remark for remark in rows.remarks) == 5
    assert any("column 9 is named prs_MailingCity" in remark for remark in rows.remarks)


def test_labels_are_no_case():
    """The second row is labels, and rows that are only numbered beforehand are blank."""
    rows = template((1, "Eva", *PERSON), (2,), (3,))

    assert [row.number for row in rows] == [3]


def test_persons_beside_victims_are_survivors():
    """In a sheet of victims, the person's phones and addresses are the survivor's."""
    rows = template((1, "Eva", *PERSON), (2, "Eva", *PERSON))
    mapping = guess(rows.headers, rows.sample())

    assert mapping.case_id == "(column 1)"
    assert {column.column: (column.kind, column.subject) for column in mapping.columns} == {
        "prs_Email": (Kind.EMAIL, Subject.SURVIVOR),
        "prs_HomePhone": (Kind.PHONE, Subject.SURVIVOR),
        "prs_MobilePhone": (Kind.PHONE, Subject.SURVIVOR),
        "Recruiter Instagram": (Kind.HANDLE, Subject.RECRUITER),
    }
    assert any("never give a row another" in remark for remark in rows.remarks)


def test_persons_with_roles_are_nobody_s():
    """Where the role differs by row, no phone is anybody's until a person says so."""
    source = b"case_id,prs_MobilePhone,per_RoleInProcess,vic_TraffickingStatus\n1,2,3,4\n"
    rows = CsvRows(source)
    mapping = guess(rows.headers, rows.sample())

    assert mapping.columns == ()
    assert "role of the person differs" in mapping.ignored["prs_MobilePhone"]


def test_names_drift_in_forms():
    """Forms spell names with underscores and groups in front."""
    head = "_uuid,person/prs_Mobile_Phone,person/prs_First_Name,vic/vic_Methods_of_Control"
    rows = CsvRows(f"{head}\nx1,+1 202 555 0143,Ana,x\n".encode())

    assert rows.headers[1:3] == ("prs_MobilePhone", "prs_FirstName")
    (column,) = guess(rows.headers, rows.sample()).columns
    assert (column.column, column.subject) == ("prs_MobilePhone", Subject.SURVIVOR)


def test_organisations_that_help_are_no_businesses():
    """An ``org_`` phone is a shelter's or the police's, never a recruiter's."""
    rows = CsvRows(b"case id,org_Phone,org_Name,org_Type\n1,2,3,4\n")

    assert guess(rows.headers, rows.sample()).ignored["org_Phone"] == (
        "about an organisation that helps"
    )


def test_two_names_are_no_standard():
    """A sheet with a column or two that look alike is read as what it is."""
    rows = CsvRows(b"case id,prs_Email,org_Phone\n1,a@b.example,3\n")

    assert rows.headers == ("case id", "prs_Email", "org_Phone")
