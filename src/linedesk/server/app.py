"""The aiohttp application: the route table, the middlewares, the sockets. `main` fills `Services`."""

from __future__ import annotations

from aiohttp import web

from linedesk.server import clients, hooks, middleware, openapi, proxies, routes
from linedesk.server.assets import ASSETS, Assets
from linedesk.server.page import set_up_templates
from linedesk.server.services import SERVICES, Services
from linedesk.server.sockets import SOCKETS, Sockets


def create_app(services: Services, *, assets: Assets | None = None) -> web.Application:
    """Make the application. `assets` are the files of /assets, by default those of this installation.

    Raises `ConfigError` for `trusted_proxies` that are no addresses.
    """
    app = web.Application(
        middlewares=middleware.ALL, client_max_size=services.settings.request_body_max_bytes
    )
    sockets = Sockets()
    app[SERVICES] = services
    app[SOCKETS] = sockets
    app[ASSETS] = assets or Assets.of_the_package()
    app[hooks.REFUSALS] = hooks.RefusalLog()
    app[clients.TRUSTED] = proxies.networks(services.settings.trusted_proxies)
    table = routes.table()
    app[openapi.DOCUMENT] = openapi.document(table, services.settings.base_url)
    for route in table:
        # HEAD comes with GET; the socket takes an upgrade and nothing else.
        if route.method == "GET" and route.path != "/agent/socket":
            app.router.add_get(route.path, route.handler)
        else:
            app.router.add_route(route.method, route.path, route.handler)
    set_up_templates(app, services.catalogue)
    services.tokens.on_revoked(sockets.revoked)
    app.on_response_prepare.append(middleware.security_headers)
    app.on_shutdown.append(sockets.close_all)
    return app
