"""What the shop knows and decides: products, anonymous users, carts, orders. In memory, no HTTP."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TypedDict


class Product(TypedDict):
    """A product as the API gives it."""

    sku: str
    name: str
    category: str
    price_cents: int
    description: str


class CartLine(TypedDict):
    """One product in a cart."""

    sku: str
    name: str
    quantity: int
    price_cents: int
    line_cents: int


class Cart(TypedDict):
    """A cart as the API gives it."""

    items: list[CartLine]
    count: int
    total_cents: int


class Order(TypedDict):
    """A placed order as the API gives it."""

    number: str
    status: str
    name: str
    address: str
    count: int
    total_cents: int


class ShopError(Exception):
    """The shop refuses: what was asked for makes no sense in its present state."""


class UnknownSkuError(ShopError):
    """There is no such product."""


@dataclass(slots=True, kw_only=True)
class User:
    """An anonymous user, with all that belongs to them."""

    id: str
    name: str
    token: str
    run: str
    """The validation run that created the user; empty for real people."""
    created: datetime
    quantities: dict[str, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)


@cache
def catalogue() -> tuple[Product, ...]:
    """All products, in the order of the shelf."""
    text = resources.files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    products: list[Product] = json.loads(text)
    return tuple(products)


@cache
def _by_sku() -> dict[str, Product]:
    return {product["sku"]: product for product in catalogue()}


def search(query: str) -> list[Product]:
    """The products whose name or category contains the query, ignoring case; none for an empty query."""
    needle = query.strip().casefold()
    if not needle:
        return []
    return [p for p in catalogue() if needle in p["name"].casefold() or needle in p["category"].casefold()]


@dataclass(slots=True)
class Shop:
    """The state of one shop."""

    orders_placed: int = 0

    _users: dict[str, User] = field(default_factory=dict)

    @property
    def user_count(self) -> int:
        """How many anonymous users exist."""
        return len(self._users)

    def new_user(self, *, run: str) -> User:
        """Create an anonymous user, marked with the validation run that asked for it."""
        number, now = secrets.token_hex(6), datetime.now(UTC)
        user = User(id=f"anon-{number}", name=f"guest-{number[:4]}", token=secrets.token_hex(16), run=run, created=now)
        self._users[user.token] = user
        return user

    def user_of(self, token: str) -> User | None:
        """Whose token it is."""
        return self._users.get(token)

    def users_of(self, run: str, since: datetime, until: datetime) -> list[User]:
        """The users that a validation run created from one moment to another."""
        return [user for user in self._users.values() if user.run == run and since <= user.created <= until]

    def forget_users(self) -> int:
        """Delete every anonymous user with carts and orders; how many there were."""
        count = len(self._users)
        self._users.clear()
        return count

    def add(self, user: User, sku: str, quantity: int) -> Cart:
        """Put more of a product into the cart.

        Raises:
            UnknownSkuError: No product has this sku.
            ShopError: The quantity is not between 1 and 99.
        """
        self._known(sku)
        wanted = user.quantities.get(sku, 0) + quantity
        if quantity < 1 or wanted > 99:
            raise ShopError(f"a cart holds 1 to 99 of a product, not {wanted} of {sku}")
        user.quantities[sku] = wanted
        return cart_of(user)

    def remove(self, user: User, sku: str) -> Cart:
        """Take a product out of the cart, however many there are of it.

        Raises:
            UnknownSkuError: No product has this sku.
        """
        self._known(sku)
        user.quantities.pop(sku, None)
        return cart_of(user)

    def empty(self, user: User) -> Cart:
        """Take everything out of the cart."""
        user.quantities.clear()
        return cart_of(user)

    def order(self, user: User, *, name: str, address: str) -> Order:
        """Turn the cart into an order.

        Raises:
            ShopError: The cart is empty, or name or address is blank.
        """
        cart = cart_of(user)
        if not cart["items"]:
            raise ShopError("the cart is empty")
        if not name.strip() or not address.strip():
            raise ShopError("an order needs a name and an address")
        self.orders_placed += 1
        order = Order(
            number=f"CS-{1000 + self.orders_placed}",
            status="confirmed",
            name=name.strip(),
            address=address.strip(),
            count=cart["count"],
            total_cents=cart["total_cents"],
        )
        user.orders.append(order)
        user.quantities.clear()
        return order

    def _known(self, sku: str) -> Product:
        try:
            return _by_sku()[sku]
        except KeyError:
            raise UnknownSkuError(f"no product has the sku {sku!r}") from None


def cart_of(user: User) -> Cart:
    """The user's cart, priced."""
    items = [_line(_by_sku()[sku], quantity) for sku, quantity in user.quantities.items()]
    return Cart(
        items=items,
        count=sum(item["quantity"] for item in items),
        total_cents=sum(item["line_cents"] for item in items),
    )


def _line(product: Product, quantity: int) -> CartLine:
    price = product["price_cents"]
    return CartLine(
        sku=product["sku"], name=product["name"], quantity=quantity, price_cents=price, line_cents=price * quantity
    )
