"""The twin of a network that is trained in its place: same layers, same weights, less work.

In: a network. Out: a twin whose weights can be copied back with `set_weights`. With the PyTorch
backend, Keras composes batch normalisation, pooling and dropout of many small operations and
copies; PyTorch has one for each, which `benchmarks/training.py` shows to be worth it. With the
other backends the twin differs in its precision only. Knows nothing of data or recipes.
"""

from __future__ import annotations

from typing import Any

import keras


def twin(network: keras.Model, precision: str = "float32", *, logits: bool = False) -> keras.Model:
    """Copy a network for training, weights and names included.

    Args:
        network: built of Keras's own layers.
        precision: `float32`, or `bfloat16` to compute in it while the weights stay float32
            (Micikevicius et al., ICLR 2018); the last layer and those that find the ground do not.
        logits: leave out the softmax at its end.
    """
    fuse = keras.backend.backend() == "torch"

    def clone(layer: Any) -> Any:
        config = layer.get_config()
        last = layer.name == network.layers[-1].name
        if last and logits:
            config["activation"] = "linear"
        exact = last or layer.name.startswith("ground_")
        if precision == "bfloat16" and not exact:
            config["dtype"] = "mixed_bfloat16"
        return (_fused(layer) if fuse else type(layer)).from_config(config)

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


def best_precision() -> str:
    """`bfloat16` where this machine computes faster in it with the backend at hand.

    That is PyTorch on a processor with AVX-512 BF16 or AMX, or on a GPU of compute capability 8
    or later; TensorFlow and JAX gain nothing on a processor (docs/experiments.md).
    """
    if keras.backend.backend() != "torch":
        return "float32"
    import torch

    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    has: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if has.get("avx512_bf16") or has.get("amx_bf16") else "float32"


def _fused(layer: keras.layers.Layer) -> Any:
    """The fused class that does what `layer` does, or its own class where there is none."""
    match layer:
        case keras.layers.Conv2D(padding="same", dilation_rate=(1, 1), groups=1):
            shape = (None, 1, 1, None) if layer.strides == (1, 1) else layer.input.shape
            # a side left open is a multiple of the stride: the caller sees to it
            shape = [side or 2**20 for side in shape]
            if _margins(layer, shape) is not None:
                return FusedConv2D
        case keras.layers.BatchNormalization(axis=-1, center=True, scale=True):
            return FusedBatchNormalization
        case keras.layers.MaxPooling2D(padding="valid"):
            return FusedMaxPooling2D
        case keras.layers.MaxPooling2D(padding="same", strides=(1, 1)):
            if all(side % 2 for side in layer.pool_size):
                return FusedDilation2D
        case keras.layers.Dropout(noise_shape=None):
            return FusedDropout
    return type(layer)


def _margins(layer: Any, shape: Any) -> tuple[int, int] | None:
    """What pads (N, H, W, C) on all four sides alike for a `same` convolution, if that can be."""
    margins = []
    for length, side, stride in zip(shape[1:3], layer.kernel_size, layer.strides, strict=True):
        total = max((-(-length // stride) - 1) * stride + side - length, 0)
        if total % 2:
            return None
        margins.append(total // 2)
    return margins[0], margins[1]


@keras.saving.register_keras_serializable("inkdigits")
class FusedConv2D(keras.layers.Conv2D):  # type: ignore[misc]  # untyped
    """A padded convolution with its bias and, where that follows, its ReLU in place."""

    def call(self, inputs: Any) -> Any:
        """Convolve (N, H, W, C)."""
        from torch.nn import functional

        bias = None if self.bias is None else self.bias.value.to(inputs.dtype)
        answer = functional.conv2d(
            inputs.permute(0, 3, 1, 2),
            self.kernel.value.to(inputs.dtype).permute(3, 2, 0, 1),
            bias,
            stride=self.strides,
            padding=_margins(self, inputs.shape),
        )
        if self.activation is keras.activations.relu:
            return functional.relu_(answer).permute(0, 2, 3, 1)
        return self.activation(answer.permute(0, 2, 3, 1))


@keras.saving.register_keras_serializable("inkdigits")
class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # untyped
    """Batch normalisation over the last axis by PyTorch's own operation."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, C) or (N, H, W, C)."""
        from torch.nn import functional

        channels_second = inputs.permute(0, 3, 1, 2) if inputs.ndim == 4 else inputs
        answer = functional.batch_norm(
            channels_second,
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value,
            self.beta.value,
            bool(training),
            1 - self.momentum,
            self.epsilon,
        )
        return answer.permute(0, 2, 3, 1) if inputs.ndim == 4 else answer


@keras.saving.register_keras_serializable("inkdigits")
class FusedMaxPooling2D(keras.layers.MaxPooling2D):  # type: ignore[misc]  # untyped
    """Unpadded max pooling by PyTorch's own operation, on the memory as it lies."""

    def call(self, inputs: Any) -> Any:
        """Pool (N, H, W, C)."""
        from torch.nn import functional

        pooled = functional.max_pool2d(
            inputs.permute(0, 3, 1, 2), tuple(self.pool_size), tuple(self.strides)
        )
        return pooled.permute(0, 2, 3, 1)


@keras.saving.register_keras_serializable("inkdigits")
class FusedDilation2D(keras.layers.MaxPooling2D):  # type: ignore[misc]  # untyped
    """Padded max pooling of stride 1 by the greater of two shifted images, time and again.

    A window of n pixels takes about log2(n) comparisons a pixel in place of n.
    """

    def call(self, inputs: Any) -> Any:
        """Dilate (N, H, W, C)."""
        for axis, side in enumerate(self.pool_size, start=1):
            inputs = _dilated(inputs, axis, side)
        return inputs


def _dilated(images: Any, axis: int, side: int) -> Any:
    """The greatest of `side` neighbours along `axis`; nothing lies outside."""
    import torch

    if side == 1:
        return images
    margin = [0, 0] * (images.ndim - 1 - axis) + [side // 2] * 2
    images = torch.nn.functional.pad(images, margin, value=-torch.inf)
    reach = 1  # neighbours that have been compared
    while reach < side:
        step = min(reach, side - reach)
        length = images.shape[axis] - step
        images = torch.maximum(images.narrow(axis, 0, length), images.narrow(axis, step, length))
        reach += step
    return images


@keras.saving.register_keras_serializable("inkdigits")
class FusedDropout(keras.layers.Dropout):  # type: ignore[misc]  # untyped
    """Dropout (Srivastava et al. 2014) whose chance is drawn eight elements at a time.

    The rate is rounded to a 256th, which 25 % and 50 % are.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop elements of `inputs` when `training`."""
        import torch

        if not training or not self.rate:
            return inputs
        count = inputs.numel()
        words = torch.empty((count + 7) // 8, dtype=torch.int64, device=inputs.device)
        chance = words.random_(-(2**63), None).view(torch.uint8)[:count].view(inputs.shape)
        kept = 1 - round(256 * self.rate) / 256
        return inputs * ((chance >= round(256 * self.rate)).to(inputs.dtype) / kept)
