# SPDX-License-Identifier: Apache-2.0
"""The command line: ``casethread NOUN VERB``.

Commands are thin: they read arguments and files, call one function of
`federation_node.actions`, and show what it returns. A command's module is
imported when it is used, so that ``casethread --help`` needs neither gRPC nor a
database.
"""

from federation_node.cli.root import main

__all__ = ["main"]
