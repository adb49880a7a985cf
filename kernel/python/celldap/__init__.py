# SPDX-License-Identifier: BSD-3-Clause
"""The part of celldap's kernel that is written in Python; the kernel imports it, users need not."""

from _celldap import version as __version__  # noqa: F401
