"""Data sets: MNIST in every layout it comes in, fetched, verified and split."""
