"""Arrays as bytes: with a header of plain values (`frames`), and as a file of NumPy (`npz`).

Both check declared sizes before they allocate memory, and neither unpickles anything.
"""
