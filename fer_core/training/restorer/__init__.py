"""The network that restores faces: what it is, what it learns from, how it learns.

It is used by `fer_core.faces.restorer`, which knows no Keras.
"""
