"""The sample project of the demo: one small shop, with a real mistake that a real linter reports."""

NAME = "cart.py"

CART = '''\
"""The cart of a small shop – prices in €, kept in cents."""


def receipt(lines: list[dict[str, int]]) -> str:
    """Return the cart as JSON, for the till."""
    total = sum(line["cents"] * line["count"] for line in lines)
    return json.dumps({"lines": lines, "total": total})


def discount(customer: dict[str, object], cents: int) -> int:
    if customer:
        if customer.get("member"):
            if cents > 5000:
                return cents * 10 // 100
    return 0


def delivery(cents: int, country: str) -> int:
    """Return what delivery costs."""
    if cents >= 10_000:
        return 0
    if country in ("DE", "AT"):
        return 490
    return 990
'''
