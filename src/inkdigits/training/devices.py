"""Training on several devices at once: each gets its share of every batch.

In: how many. Out: nothing; Keras's distribution is set. It must be called before the network is
built. Knows nothing of networks or data.
"""

from __future__ import annotations

import keras

from inkdigits.errors import InkdigitsError


def share(count: int, *sizes: int) -> None:
    """Train data-parallel on the first `count` devices from now on; 1 leaves all as it is.

    Args:
        count: devices wanted.
        sizes: numbers of images that must be shared out: the batch, the parts of the data.

    Raises:
        InkdigitsError: the backend cannot do it, there are fewer devices, or a size cannot be
            shared equally.
    """
    if count == 1:
        return
    backend = keras.backend.backend()
    if backend != "jax":
        raise InkdigitsError(
            f"Several devices need the JAX backend, not {backend}: add --backend jax."
        )
    found = keras.distribution.list_devices()
    if len(found) < count:
        raise InkdigitsError(
            f"There are {len(found)} devices, not {count}: lower --devices (to try it without "
            "several GPUs, set XLA_FLAGS=--xla_force_host_platform_device_count=2)."
        )
    for size in sizes:
        if size % count:
            raise InkdigitsError(
                f"{size:,} images cannot be shared equally among {count} devices: "
                "change --batch-size or --limit."
            )
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:count]))
