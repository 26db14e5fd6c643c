from __future__ import annotations

import numpy as np
import pytest

from inkdigits.decode import energy_score, softmax

pytestmark = pytest.mark.keras


def test_the_energy_score_is_the_log_odds_of_a_digit() -> None:
    import keras

    from inkdigits.training.refusing import OpenSoftmax

    logits = np.random.default_rng(1).normal(0, 4, (50, 10)).astype(np.float32)
    answers = keras.ops.convert_to_numpy(OpenSoftmax()(logits)).astype(np.float64)
    assert answers.shape == (50, 11)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        np.log(answers[:, :10].sum(axis=1) / answers[:, 10]), energy_score(logits), atol=1e-3
    )
    digits = answers[:, :10] / answers[:, :10].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(digits, softmax(logits), atol=1e-5)


def test_a_symbolic_batch_has_eleven_answers() -> None:
    import keras

    from inkdigits.training.refusing import OpenSoftmax

    assert OpenSoftmax()(keras.Input((10,))).shape == (None, 11)
