"""Solve: Migrate a running thread."""


def migrate(old, new, config):
    """Prepare a thread of the old release for the new one."""
    values = old.get_state(config).values
    if not values.get("done"):  # no node has run: both releases agree
        return
    last = values["done"][-1]
    amount = {"cents": values["total"], "currency": "EUR"}
    renamed = {"charge": "take_payment"}
    new.update_state(config, {"amount": amount}, as_node=renamed.get(last, last))
