"""Evaluation: how well a model reads, on MNIST and on handwriting that is not MNIST."""
