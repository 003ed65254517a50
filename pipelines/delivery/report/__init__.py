"""The leadership report: one HTML file that stands alone and speaks in sentences.

Belongs here: choosing what to say from the published marts, saying it, drawing it. Does not belong here: any
number that is not in a mart, and anything that would ask the network for something.
"""
