"""From a trained Keras network to files of every format: all of them checked, or none written."""
