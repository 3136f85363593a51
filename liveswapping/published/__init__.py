"""The published Python names; `liveswapping` itself exports them."""
