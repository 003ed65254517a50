"""The business user's files: what they may say, how they are read and refused, and the profiles that ship.

Here belong the readers of `CLAIMLINE_HOME/config`, the registry of settings and the `config/*` tables. What a
setting does belongs to the stage that uses it.
"""
