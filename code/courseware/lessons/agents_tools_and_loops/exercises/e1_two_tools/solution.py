"""Solve: An agent with two tools."""

from .given import create_agent


def build(model, prices, shipping):
    """Return an agent that can look up prices, and what shipping to a country costs."""

    def price_of(item: str) -> str:
        """Look up the price of an item in euros."""
        return str(prices.get(item, f"We don't sell {item}."))

    def shipping_to(country: str) -> str:
        """Look up what shipping to a country costs in euros."""
        return str(shipping.get(country, f"We don't ship to {country}."))

    return create_agent(model, [price_of, shipping_to])
