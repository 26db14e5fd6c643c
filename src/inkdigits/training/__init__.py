"""Training: the only home of Keras. Networks, augmentation, the fit, calibration and export."""
