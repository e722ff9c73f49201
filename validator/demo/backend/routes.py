"""The shop's HTTP API, as its app sees it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from validator.demo.backend.marks import read_mark
from validator.demo.backend.metrics import CONTENT_TYPE, Metrics
from validator.demo.backend.problems import problem
from validator.demo.backend.requestbody import number_of, read_object, text_of
from validator.demo.backend.shop import Shop, ShopError, UnknownSkuError, User, cart_of, catalogue, search


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is deployed."""

    version: str
    revision: str


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints, over one shop."""

    shop: Shop
    metrics: Metrics
    release: Release
    admin_token: str
    """Allows to delete test users; empty: nobody may."""

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/users/anonymous", self.sign_in, methods=["POST"]),
            Route("/v1/users/anonymous", self.delete_users, methods=["DELETE"]),
            Route("/admin/users", self.get_users),
            Route("/v1/catalogue", self.get_catalogue),
            Route("/v1/catalogue/{sku}", self.get_product),
            Route("/v1/search", self.get_search),
            Route("/v1/cart", self.get_cart),
            Route("/v1/cart", self.empty_cart, methods=["DELETE"]),
            Route("/v1/cart/items", self.add_item, methods=["POST"]),
            Route("/v1/cart/items/{sku}", self.remove_item, methods=["DELETE"]),
            Route("/v1/orders", self.get_orders),
            Route("/v1/orders", self.place_order, methods=["POST"]),
            Route("/health", self.get_health),
            Route("/version", self.get_version),
            Route("/metrics", self.get_metrics),
        ]
        handlers = {HTTPException: _refused, UnknownSkuError: _not_found, ShopError: _unprocessable}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def sign_in(self, request: Request) -> Response:
        """A fresh anonymous user with a bearer token."""
        user = self.shop.new_user(run=read_mark(request.headers).run)
        request.state.user_id = user.id
        body = {"id": user.id, "name": user.name, "token": user.token}
        return JSONResponse(body, status_code=HTTPStatus.CREATED)

    async def delete_users(self, request: Request) -> Response:
        """Forget every anonymous user. For the team's own clean-up between tests, with the admin token."""
        self._administrator(request)
        return JSONResponse({"deleted": self.shop.forget_users()})

    async def get_users(self, request: Request) -> Response:
        """The users that the validation run `?run=` created, `since` and `until`; with the admin token."""
        self._administrator(request)
        asked = request.query_params
        since, until = (_moment(asked.get(name), name) for name in ("since", "until"))
        users = self.shop.users_of(asked.get("run", ""), since, until) if asked.get("run") else []
        return JSONResponse({"users": [{"id": user.id, "created": user.created.isoformat()} for user in users]})

    def _administrator(self, request: Request) -> None:
        if not self.admin_token or not hmac.compare_digest(_bearer(request).encode(), self.admin_token.encode()):
            raise HTTPException(HTTPStatus.FORBIDDEN, "only administrators see and delete users")

    async def get_catalogue(self, request: Request) -> Response:
        """All products."""
        self._user(request)
        return JSONResponse({"products": list(catalogue())})

    async def get_product(self, request: Request) -> Response:
        """One product."""
        self._user(request)
        sku: str = request.path_params["sku"]
        found = next((product for product in catalogue() if product["sku"] == sku), None)
        if found is None:
            raise UnknownSkuError(f"no product has the sku {sku!r}")
        return JSONResponse(found)

    async def get_search(self, request: Request) -> Response:
        """Products that match `?q=`."""
        self._user(request)
        return JSONResponse({"products": search(request.query_params.get("q", ""))})

    async def get_cart(self, request: Request) -> Response:
        """The user's cart."""
        return JSONResponse(cart_of(self._user(request)))

    async def empty_cart(self, request: Request) -> Response:
        """Take everything out of the cart."""
        return JSONResponse(self.shop.empty(self._user(request)))

    async def add_item(self, request: Request) -> Response:
        """Put a product into the cart: `{"sku", "quantity"}`."""
        user = self._user(request)
        body = await read_object(request)
        cart = self.shop.add(user, text_of(body, "sku"), number_of(body, "quantity", default=1))
        return JSONResponse(cart, status_code=HTTPStatus.CREATED)

    async def remove_item(self, request: Request) -> Response:
        """Take a product out of the cart."""
        return JSONResponse(self.shop.remove(self._user(request), request.path_params["sku"]))

    async def get_orders(self, request: Request) -> Response:
        """The user's orders, newest first."""
        return JSONResponse({"orders": self._user(request).orders[::-1]})

    async def place_order(self, request: Request) -> Response:
        """Order what is in the cart: `{"name", "address"}`."""
        user = self._user(request)
        body = await read_object(request)
        order = self.shop.order(user, name=text_of(body, "name"), address=text_of(body, "address"))
        return JSONResponse(order, status_code=HTTPStatus.CREATED)

    async def get_health(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """Whether the shop is well, for readiness probes."""
        return JSONResponse({"status": "ok", "checks": {"catalogue": "ok", "orders": "ok", "users": "ok"}})

    async def get_version(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """What is deployed."""
        return JSONResponse({"version": self.release.version, "revision": self.release.revision})

    async def get_metrics(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """The metrics, for Prometheus."""
        return Response(self.metrics.text(users=self.shop.user_count), headers={"Content-Type": CONTENT_TYPE})

    def _user(self, request: Request) -> User:
        user = self.shop.user_of(_bearer(request))
        if user is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "sign in first: POST /v1/users/anonymous gives a token",
                headers={"WWW-Authenticate": "Bearer"},
            )
        request.state.user_id = user.id
        return user


def _moment(text: str | None, name: str) -> datetime:
    """Without one: since ever, until ever."""
    if text is None:
        return datetime(1 if name == "since" else 9999, 1, 1, tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"{name} is no time in ISO 8601") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the router passes it
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, error.detail, headers=dict(error.headers or {}))


async def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the router passes it
    return problem(HTTPStatus.NOT_FOUND, str(error))


async def _unprocessable(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the router passes it
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
