# SPDX-License-Identifier: Apache-2.0
"""The carnival demonstration: invented data, what is true about it, and a judge.

``people`` draws who exists, ``spell`` writes them the way people write, ``generate``
puts the spellings into three organisations' spreadsheets, ``truth`` remembers what was
planted where, and ``judge`` compares that with what the nodes found.

None of these imports or resembles ``federation.indicators``: a judge that shared a table
with the accused would acquit it.
"""
