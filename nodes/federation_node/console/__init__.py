# SPDX-License-Identifier: Apache-2.0
"""The pages that the people of an organisation work with, in a browser.

Pages have no logic of their own: each calls functions of `federation_node.actions` in the
hands of who is signed in, and shows what comes back.

- `visit`: one request, and the register of pages; `pages`: one module for each subject
- `app`: from a request to a page: session, language, form, errors
- `shield`: what every answer carries and every request must have
- `language`: catalogues, dates and numbers; `words`: names of what a node deals in
- `listen`: the server
"""
