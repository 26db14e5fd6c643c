"""Handwriting as the world has it, made up: digits in many styles, what is no digit, paper.

In: a random generator. Out: pen strokes, ink and paper as arrays. Training learns from it and
evaluation judges by it; it knows neither of them, and reads no data set.
"""
