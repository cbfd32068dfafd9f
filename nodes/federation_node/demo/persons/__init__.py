# SPDX-License-Identifier: Apache-2.0
"""Invented persons, and the ways in which their names are misspelled.

* `people`: draws persons by naming custom
* `write`: writes one down as an organisation's caseworkers heard them
* `slips`: what is misheard and mistyped
* `given`, `family`, `further`: names with the spellings that are met

Nobody here exists. Like the rest of the demonstration, none of it imports or resembles
`federation.indicators`, which is measured with it.
"""

from federation_node.demo.persons.people import CULTURES, Name, Person, draw
from federation_node.demo.persons.write import Habits, Writer, Written

__all__ = ["CULTURES", "Habits", "Name", "Person", "Writer", "Written", "draw"]
