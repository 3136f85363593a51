from tests.named_weights import one_thread  # noqa: F401
