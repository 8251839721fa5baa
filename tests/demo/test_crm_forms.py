"""The CRM's forms and lists as people use them: what they refuse, delete, bring back and page through."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.test_crm import ADA, Site, site


async def post(crm: Site, path: str, **form: str) -> tuple[int, str]:
    async with crm.http.post(crm.url + path, data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "") or await answer.text()


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"name": " ", "email": "x@example.test"}, "Type a name."),
        ({"name": "Nobody"}, "Type an e-mail address or a phone number."),
        ({"name": "Twin", "email": " ADA@example.test"}, "Another contact has this e-mail address already."),
    ],
)
async def test_a_new_contact_that_cannot_be_stored_says_why_and_keeps_the_form(
    tmp_path: Path, form: dict[str, str], problem: str
) -> None:
    async with site(tmp_path) as crm:
        before = len(crm.book.people)
        status, text = await post(crm, "/a/contacts/new", **form, company="Kept & Sons")
        assert (status, problem in text, "Kept &amp; Sons" in text) == (200, True, True)
        assert (len(crm.book.people), crm.saved) == (before, [])


async def test_an_edit_may_keep_its_own_email_and_not_take_anothers(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        rosa = crm.book.people[ADA + 1]
        path = f"/a/contacts/{rosa.id}/edit"
        status, text = await post(crm, path, name="Rosa", email="ada@example.test")
        assert (status, "Another contact has this e-mail" in text) == (200, True)
        status, _ = await post(crm, path, name="Rosa M", email=rosa.email)
        assert (status, crm.book.people[rosa.id].name) == (303, "Rosa M")


async def test_a_company_that_is_typed_for_the_first_time_is_made(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        for name in ("Nina", "Noel"):
            await post(crm, "/a/contacts/new", name=name, phone="1", company="Brand New Ltd")
        made = [each for each in crm.book.companies.values() if each.name == "Brand New Ltd"]
        assert [each.company_id for each in crm.saved] == [made[0].id] * 2
        assert len(made) == 1


async def test_a_contact_is_deleted_softly_and_comes_back_from_its_page(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        page = f"/a/contacts/{ADA}"
        assert await post(crm, page + "/delete") == (303, page)
        assert "Ada Lindqvist" not in await crm.get("/a/contacts?q=lindqvist")
        assert "This contact is deleted" in await crm.get(page)
        # Twice is once: the sync hears of it one time.
        await post(crm, page + "/delete")
        assert [each.state for each in crm.saved] == ["deleted"]
        await post(crm, page + "/restore")
        assert "Ada Lindqvist" in await crm.get("/a/contacts?q=lindqvist")
        assert [each.state for each in crm.saved] == ["deleted", "active"]


async def test_the_list_is_paged_to_its_end(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        for number in range(100):
            crm.book.add_person(name=f"Zz {number:03d}", email="", phone="1", mobile="", company="")
        total = sum(each.state == "active" for each in crm.book.people.values())
        first, second = await crm.get("/a/contacts"), await crm.get("/a/contacts?page=2")
        assert f"1 to 60 of {total}" in first
        assert f"61 to 120 of {total}" in second
        assert "Page 2 of 3" in second
        last = await crm.get("/a/contacts?page=3")
        assert last.count('<th scope="row">') == total - 120
        assert "There is no page 4." in await crm.get("/a/contacts?page=4")
        assert "Page 1 of 3" in await crm.get("/a/contacts?page=-1")
        assert "/a/contacts?page=2&amp;q=zz" in await crm.get("/a/contacts?q=zz")
