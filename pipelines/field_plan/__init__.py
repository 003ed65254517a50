"""Field plan: how many hours a territory takes, and which rep it suits.

Here belong the workload build-up and the rep match: plain frames in, the frames of the contract out. Here
does not belong: where territories lie (territories), what they must sell (quotas), and which reviews follow
(monitoring).
"""
