"""From longitude and latitude to shapes on a page: projection, frames and insets, colours, classes, label
places.

Belongs here: geometry in pixels that both the report's SVG and the preview images draw from. Does not belong
here: any file format, and any business number.
"""
