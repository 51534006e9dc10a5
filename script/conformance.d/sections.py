"""The sections, in the order in which an integrator meets them."""

import conventions  # noqa: F401
import customers  # noqa: F401
import accounts  # noqa: F401
import money  # noqa: F401
import plans  # noqa: F401
import reaching  # noqa: F401
import feeding  # noqa: F401
