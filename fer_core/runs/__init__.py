"""Trainings on the disk: what was asked for, the queue, how far each is. Knows no Keras.

The dashboard reads here what a training in a process of its own writes.
"""
