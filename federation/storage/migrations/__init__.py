# SPDX-License-Identifier: Apache-2.0
"""The steps from one schema version to the next, run by `federation.storage.migrate`."""
