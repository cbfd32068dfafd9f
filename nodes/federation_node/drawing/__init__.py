# SPDX-License-Identifier: Apache-2.0
"""Draws a thread as an SVG file that needs nothing else: no script, no font, no other host.

- `text`: text from outside, made safe to draw and cut to its place
- `plan`: what stands where; the same thread always gives the same drawing
- `svg`: the drawing
"""
