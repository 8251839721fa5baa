"""`Me` of docs/protocol.md: what an agent may know about itself."""

from __future__ import annotations

from typing import Any

from linedesk.agents.model import Agent
from linedesk.server.services import Services


def me(services: Services, agent: Agent) -> dict[str, Any]:
    """The agent as the API and the socket show it to itself."""
    return {
        "id": agent.id,
        "login": agent.login,
        "name": agent.name,
        "role": agent.role.value,
        "account": agent.account,
        "extension": agent.extension,
        "open_page": agent.open_page.value,
        "region": services.plan_of(agent.account).region,
    }
