"""Arrays as bytes: beside a head of plain values (`frames`), and as a file of NumPy (`npz`).

Both check what the bytes promise before memory is taken for it, and neither unpickles anything.
"""
