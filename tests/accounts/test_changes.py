"""What `linedesk apply` shows before it asks: as the file has it, without the defaults, and what follows."""

from __future__ import annotations

from accounts.conftest import ApplyText

PBX = '[accounts.office]\napp = "wildix"\nurl = "https://office.wildixin.com"\nregion = "IT"\n'


async def test_what_is_added_is_shown_as_the_file_has_it_and_without_the_defaults_of_an_agent(
    apply_text: ApplyText,
) -> None:
    rules = "prefix_rules = [{ prefix = '0', replace = \"\" }]"
    plan = await apply_text(
        PBX + f"internal_pattern = '\\d{{3}}'\n{rules}\n"
        '[agents.ada]\nname = "Ada O\'Neil"\nrole = "agent"\naccount = "office"\nextension = "201"\n'
    )
    lines = plan.lines()
    assert r"    internal_pattern: '\d{3}'" in lines
    assert any(line.startswith("    prefix_rules: [{ prefix = '0', replace = ''") for line in lines)
    assert lines[lines.index("+ agents.ada") :] == [
        "+ agents.ada",
        '    name: "Ada O\'Neil"',
        "    role: 'agent'",
        "    account: 'office'",
        "    extension: '201'",
    ]


async def test_a_connection_that_a_running_service_takes_up_at_once_says_so_before_it_is_written(
    connected: str, apply_text: ApplyText
) -> None:
    """The preview would come too late: the first run has written by then."""
    (told,) = [
        each for each in (await apply_text(connected)).changes if each.target == "connections.customers"
    ]
    assert told.note.startswith("a running service writes into `book` at once, and then each 600 s")
    assert "`every_s = 0`" in told.lines()[-1]
    for quiet in ("every_s = 0", "enabled = false"):
        text = f'[connections.{quiet[:5]}]\nfrom = "crm"\nto = "book"\n{quiet}\n'
        (change,) = (await apply_text(text)).changes
        assert change.lines() == [
            f"+ connections.{quiet[:5]}",
            "    from: 'crm'",
            "    to: 'book'",
            f"    {quiet.replace(' =', ':')}",
        ]
