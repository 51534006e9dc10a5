"""The sections, in the order in which an integrator meets them."""

import lines  # noqa: F401
import conventions  # noqa: F401
import lists  # noqa: F401
import spelling  # noqa: F401
import customers  # noqa: F401
import addresses  # noqa: F401
import methods  # noqa: F401
import accounts  # noqa: F401
import nesting  # noqa: F401
import locations  # noqa: F401
import lookup  # noqa: F401
import charges  # noqa: F401
import transactions  # noqa: F401
import offers  # noqa: F401
import plans  # noqa: F401
import blocks  # noqa: F401
import documents  # noqa: F401
import preferences  # noqa: F401
import sessions  # noqa: F401
import tickets  # noqa: F401
import webhooks  # noqa: F401
import bulk  # noqa: F401
import exports  # noqa: F401
import just_in_time  # noqa: F401
import unasked  # noqa: F401
