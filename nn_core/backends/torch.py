"""PyTorch: the forward pass is written down, autograd finds the gradients.

All parameters are in one flat vector. Each layer's weight and bias are leaf tensors that are
views of it, and their ``.grad`` are views of one flat gradient: `backward` fills that gradient,
and the optimizer updates all parameters with one call.

The optimizers are the functions that the classes of `torch.optim` call in their ``step``, or, for
Adam, the kernel that such a function calls. The classes themselves import the compiler
(`torch._dynamo`), which takes more than a second.
"""

from __future__ import annotations

import io
import math
from functools import partial

import numpy as np
import torch
from torch.nn import functional
from torch.optim.adagrad import adagrad
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN


def devices() -> list[str]:
    """The processor, and the GPUs that CUDA or Apple's Metal finds."""
    cuda = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    metal = ["mps"] if torch.backends.mps.is_available() else []
    return ["cpu", *cuda, *metal]


def _identity(z):
    return z


ACTIVATIONS = {
    "identity": _identity,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": partial(functional.leaky_relu, negative_slope=LEAKY_SLOPE),
    "softmax": partial(torch.softmax, dim=1),
}


def _bce_of_probabilities(a, y):
    return functional.binary_cross_entropy(a.clamp(PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN), y)


def _half_squared_error(a, y):
    return functional.mse_loss(a, y) / 2


LOSSES = {
    "mse": functional.mse_loss,
    "mse_half": _half_squared_error,
    "mse_sum": partial(functional.mse_loss, reduction="sum"),
    "bce": _bce_of_probabilities,
    "bce_logits": functional.binary_cross_entropy_with_logits,
    "bce_logits_sum": partial(functional.binary_cross_entropy_with_logits, reduction="sum"),
    "cross_entropy_logits": functional.cross_entropy,
}

# Otherwise, NVIDIA's GPUs round the factors of a convolution to ten bits.
torch.backends.cudnn.allow_tf32 = False

PIECE_ROWS = 1000  # images that pass through convolutions at once: their maps take much memory

SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 1, "adam": 2}


class Model:
    """A network whose gradients come from `loss.backward()`."""

    framework = f"PyTorch {torch.__version__.split('+')[0]}"
    epsilon_form = "after_root"

    def __init__(self, experiment, params, x, y, device):
        self.device = torch.device(device)
        self.forward = FORWARD[experiment.architecture]
        self.x, self.y = self._tensor(x), self._tensor(y)
        self.hidden_activations = [ACTIVATIONS[name] for name in experiment.hidden_activations]
        self.output_activation = ACTIVATIONS[experiment.output]
        self.loss, self.loss_is_on_sums = chosen_loss(
            LOSSES, experiment.output, experiment.loss, self.framework
        )
        self.l1, self.l2 = experiment.l1, experiment.l2

        self.w = torch.cat(
            [
                self._tensor(array).flatten()
                for pair in params
                for array in pair
                if array is not None
            ]
        )
        self.g = torch.zeros_like(self.w)
        self.layers = self._layers(params)

        self.optimizer = experiment.optimizer
        self.learning_rate = experiment.learning_rate
        self.momentum = experiment.momentum
        first = CONSTANTS["adagrad"]["initial_accumulator"] if self.optimizer == "adagrad" else 0.0
        self.slots = [torch.full_like(self.w, first) for _ in range(SLOTS[self.optimizer])]
        # Fused Adam reads the step count on its device; the others read it on the processor.
        self.steps = torch.zeros((), device=self.device if self.optimizer == "adam" else "cpu")

    def train(self, batches, masks=()):
        losses = []
        masks = [self._tensor(mask) for mask in masks]
        # Gradients of a saturated network fall below 1e-38, where processors are many times
        # slower. Such numbers are flushed to zero, as TensorFlow always does.
        torch.set_flush_denormal(True)
        try:
            for i, rows in enumerate(self._tensor(batches)):
                x, y = self.x.index_select(0, rows), self.y.index_select(0, rows)
                losses.append(self._backward(x, y, [mask[i] for mask in masks]))
                self._step()
        finally:
            torch.set_flush_denormal(False)
        # Reading each number separately would synchronize with the device every time.
        return torch.stack(losses).cpu().numpy().astype(np.float64)

    @torch.no_grad()
    def evaluate(self, x, y):
        sums = self._sums_of_all(x)
        outputs = self.output_activation(sums)
        loss = self.loss(sums if self.loss_is_on_sums else outputs, self._tensor(y))
        return loss.item(), outputs.numpy(force=True)

    @torch.no_grad()
    def predict(self, x):
        return self.output_activation(self._sums_of_all(x)).numpy(force=True)

    def gradients(self, x, y):
        self._backward(self._tensor(x), self._tensor(y))
        return [
            (_copy(weight.grad), None if bias is None else _copy(bias.grad))
            for weight, bias in self.layers
        ]

    def get_params(self):
        return [
            (_copy(weight), None if bias is None else _copy(bias)) for weight, bias in self.layers
        ]

    @torch.no_grad()
    def set_params(self, params):
        for layer, arrays in zip(self.layers, params, strict=True):
            for tensor, array in zip(layer, arrays, strict=True):
                if tensor is not None:
                    tensor.copy_(self._tensor(array))

    def get_state(self):
        slots = {f"slot{i}": _copy(slot) for i, slot in enumerate(self.slots)}
        return {"params": _copy(self.w), "steps": _copy(self.steps), **slots}

    def set_state(self, state):
        self.w.copy_(self._tensor(state["params"]))
        self.steps.copy_(torch.tensor(state["steps"]))
        for i, slot in enumerate(self.slots):
            slot.copy_(self._tensor(state[f"slot{i}"]))

    def set_learning_rate(self, learning_rate):
        self.learning_rate = learning_rate

    def _sums(self, x, masks=()):
        """The weighted sums of the last layer, before the output activation."""
        return self.forward(self.layers, self.hidden_activations, x, masks)

    def _sums_of_all(self, x):
        """The same for any number of rows."""
        pieces = self._tensor(x).split(PIECE_ROWS if self.forward is _conv else max(1, len(x)))
        return torch.cat([self._sums(piece) for piece in pieces])

    def _backward(self, x, y, masks=()):
        """Fill the flat gradient with that of the objective, and return the loss."""
        sums = self._sums(x, masks)
        loss = self.loss(sums if self.loss_is_on_sums else self.output_activation(sums), y)
        objective = loss + self._penalty() if self.l1 or self.l2 else loss
        self.g.zero_()
        objective.backward()
        return loss.detach()

    def _penalty(self):
        """``l1 Σ|w| + l2/2 Σ w²`` over all weights, and no biases."""
        return sum(
            self.l1 * weight.abs().sum() + self.l2 / 2 * weight.square().sum()
            for weight, _ in self.layers
        )

    def _step(self):
        """Update the flat vector of parameters, with all settings explicit."""
        w, g, constants = [self.w], [self.g], CONSTANTS[self.optimizer]
        plain = {"lr": self.learning_rate, "weight_decay": 0.0, "maximize": False}
        if self.optimizer == "adam":
            # The kernel that `torch.optim.adam.adam` ends in; the way there takes five times as
            # long as the kernel itself on a small network.
            self.steps += 1
            torch._fused_adam_(
                w,
                g,
                *([slot] for slot in self.slots),
                [],
                [self.steps],
                amsgrad=False,
                beta1=constants["beta_1"],
                beta2=constants["beta_2"],
                eps=constants["epsilon"],
                **plain,
            )
        elif self.optimizer == "rmsprop":
            rmsprop(
                w,
                g,
                self.slots,
                grad_avgs=[],
                momentum_buffer_list=[],
                state_steps=[self.steps],
                foreach=False,
                alpha=constants["rho"],
                eps=constants["epsilon"],
                momentum=0.0,
                centered=False,
                **plain,
            )
        elif self.optimizer == "adagrad":
            adagrad(
                w,
                g,
                self.slots,
                [self.steps],
                foreach=False,
                lr_decay=0.0,
                eps=constants["epsilon"],
                **plain,
            )
        else:
            sgd(
                w,
                g,
                self.slots or [None],
                foreach=False,
                momentum=self.momentum if self.slots else 0.0,
                dampening=0.0,
                nesterov=self.optimizer == "nesterov",
                **plain,
            )

    def _layers(self, params):
        layers, start = [], 0
        for weight, bias in params:
            end = start + weight.size
            stop = end + (0 if bias is None else bias.size)
            layers.append(
                (
                    self._leaf(start, end, weight.shape),
                    None if bias is None else self._leaf(end, stop, bias.shape),
                )
            )
            start = stop
        return layers

    def _leaf(self, start, end, shape):
        """A part of the flat vector, as a tensor whose gradient is that part of the gradient."""
        leaf = self.w[start:end].view(shape).requires_grad_()
        leaf.grad = self.g[start:end].view(shape)
        return leaf

    def _tensor(self, array):
        return torch.tensor(array, device=self.device)


def _dense(layers, activations, x, masks):
    """The weighted sums of the last of dense layers."""
    *hidden, last = layers
    for i, layer in enumerate(hidden):
        x = activations[i](_weighted_sum(x, *layer))
        if masks:
            x = x * masks[i]
    return _weighted_sum(x, *last)


def _conv(layers, activations, x, masks):
    """The same, with convolutions in front; images are square."""
    blocks = [layer for layer in layers if layer[0].dim() == 4]
    side = math.isqrt(x.shape[1])
    # PyTorch names maps before height and width. In memory they lie behind, which is twice as fast;
    # its loops for float64 do not take that from a kernel with a single map.
    behind = torch.channels_last if x.dtype == torch.float32 else torch.contiguous_format
    x = x.view(-1, 1, side, side).contiguous(memory_format=behind)
    for (kernel, bias), activation in zip(blocks, activations, strict=False):
        half = kernel.shape[0] // 2
        kernel = kernel.permute(3, 2, 0, 1).contiguous(memory_format=behind)
        z = functional.conv2d(x, kernel, bias, padding=half)
        # Activations are monotonic, so the maximum of four may be computed first.
        x = activation(functional.max_pool2d(z, 2))
    x = x.permute(0, 2, 3, 1).flatten(1)
    return _dense(layers[len(blocks) :], activations[len(blocks) :], x, masks)


FORWARD = {"dense": _dense, "conv": _conv}


def _weighted_sum(x, weight, bias):
    return x @ weight if bias is None else torch.addmm(bias, x, weight)


def export(experiment, params):
    """A state dict for `nn.Sequential`: `Linear` layers at 0, 2, 4, ..., activations between.

    With convolutions, `Unflatten` stands at 0, and then `Conv2d`, `ReLU` and `MaxPool2d` twice;
    behind `Flatten` follow the `Linear` layers. `torch.load` with ``weights_only=True`` opens it.
    """
    state, place, maps = {}, 0, 0
    for weight, bias in params:
        if weight.ndim == 4:
            place += 3 if maps else 1
            maps = weight.shape[3]
            array = weight.transpose(3, 2, 0, 1)
        else:
            if maps:
                # `Flatten` orders by map first; here, the maps are the last axis.
                weight = weight.reshape(-1, maps, weight.shape[1]).swapaxes(0, 1)
                weight = weight.reshape(-1, weight.shape[2])
                place, maps = place + 4, 0
            array = weight.T
        state[f"{place}.weight"] = torch.from_numpy(np.ascontiguousarray(array))
        if bias is not None:
            state[f"{place}.bias"] = torch.from_numpy(np.ascontiguousarray(bias))
        place += 0 if maps else 2
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def _copy(tensor):
    return tensor.numpy(force=True).copy()
